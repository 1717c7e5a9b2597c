import { examineTls, type TlsExamination } from '../tls/index.ts'
import { attempt, type Attempt } from './attempt.ts'
import { candidates } from './candidates.ts'
import { explain } from './explain.ts'
import { fine, type Check } from '../finding.ts'
import { placeOf } from '../tls/place.ts'
import { settingFor } from '../tls/setting.ts'

/** For everything together. */
const timeoutMs = 10_000
/** Of the last connection, which finds out whether the address is public. */
const stepMs = 2_500

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
  const judged = certified ? await trustOf({ ...examination, url: certified, signal }) : []
  yield* judged
  const works = bestOf(attempts)
  if (works && judged.every(({ check }) => check !== 'setting')) {
    yield await settingCheck(works.url, { servername, signal })
  }
}

/** One that works, a safe one if there is. */
function bestOf(attempts: readonly Attempt[]): Attempt | undefined {
  const working = attempts.filter(({ works }) => works)
  return working.find(({ url }) => url.protocol === 'wss:') ?? working[0]
}

/** The URL whose certificate matters: of what works, else of what was asked for and answered. */
function certifiedOf(attempts: readonly Attempt[]): URL | undefined {
  const secure = attempts.filter(({ url }) => url.protocol === 'wss:')
  const works = secure.find((each) => each.works)
  return (works ?? secure.find(({ given, fault }) => given && fault === null))?.url
}

/** What is said of its certificate: not what it looks like, but whether it is trusted. */
async function trustOf(examination: TlsExamination): Promise<Check[]> {
  const checks = await Array.fromAsync(examineTls(examination))
  return checks.filter(({ check }) => ['trust', 'setting', 'server'].includes(check))
}

/** What to write down for one that works as it is. */
async function settingCheck(
  url: URL,
  { servername, signal }: { readonly servername: string | undefined; readonly signal: AbortSignal },
): Promise<Check> {
  const place = placeOf(url, servername)
  const tls = servername === undefined ? null : `tls: { servername: ${JSON.stringify(servername)} }`
  const setting = await settingFor({ url, place }, url.protocol === 'wss:' ? tls : null, {
    timeoutMs: stepMs,
    signal,
  })
  const said = fine('ok', 'With this in SIP_UPSTREAMS_FILE the proxy connects')
  return { check: 'setting', ...said, details: { setting } }
}
