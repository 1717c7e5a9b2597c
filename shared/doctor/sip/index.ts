import { examineTls, type TlsExamination } from '../tls/index.ts'
import { attempt, type Attempt } from './attempt.ts'
import { candidates } from './candidates.ts'
import { explain } from './explain.ts'
import type { Check } from '../finding.ts'

/** For everything together. */
const timeoutMs = 10_000

/**
 * Finds out where and how a PBX speaks SIP over WebSocket: the given URL with and without the subprotocol, and the usual
 * paths and ports of its host, all at once. Certificates are judged apart; nothing secret is ever sent.
 */
export async function* examineSip(examination: TlsExamination): AsyncGenerator<Check> {
  const { url, servername } = examination
  const signal = AbortSignal.timeout(timeoutMs)
  const attempts = await Promise.all(
    candidates(url).map((each) => attempt(each, servername, signal)),
  )
  yield* explain(attempts)
  const certified = certifiedOf(attempts)
  if (certified) yield* trustOf({ ...examination, url: certified, signal })
}

/** The URL whose certificate matters: of what works, else of what was asked for and answered. */
function certifiedOf(attempts: readonly Attempt[]): URL | undefined {
  const secure = attempts.filter(({ url }) => url.protocol === 'wss:')
  const works = secure.find((each) => each.works)
  return (works ?? secure.find(({ given, fault }) => given && fault === null))?.url
}

/** What is said of its certificate: not what it looks like, but whether it is trusted. */
async function* trustOf(examination: TlsExamination): AsyncGenerator<Check> {
  for await (const each of examineTls(examination)) {
    if (['trust', 'setting', 'server'].includes(each.check)) yield each
  }
}
