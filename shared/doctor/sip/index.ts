import { examineTls, type TlsExamination } from '../tls/index.ts'
import { attempt } from './attempt.ts'
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
  const tls = url.protocol === 'wss:' ? trustOf({ ...examination, signal }) : null
  const attempts = await Promise.all(
    candidates(url).map((each) => attempt(each, servername, signal)),
  )
  yield* explain(attempts)
  const [given] = attempts
  const other = attempts.find(({ works, url: { protocol } }) => works && protocol === 'wss:')
  if (tls && (given!.works || !other)) yield* await tls
  else if (other) yield* await trustOf({ ...examination, url: other.url, signal })
}

/** What is said of its certificate: not what it looks like, but whether it is trusted. */
async function trustOf(examination: TlsExamination): Promise<Check[]> {
  const checks = await Array.fromAsync(examineTls(examination))
  return checks.filter(({ check }) => ['trust', 'setting', 'server'].includes(check))
}
