import { ask } from '../ask.ts'
import { fault, fine, skipped, type Check, type Finding } from '../finding.ts'
import { below } from '../hub/place.ts'
import { printable } from '../printable.ts'
import { examineTls } from '../tls/index.ts'
import { unreachable } from '../unreachable.ts'
import { isLoopback } from './pages.ts'
import type { Answer } from '../answer.ts'

/** How the deployment is reached: its name, its certificate, its clock. Says at last whether it is reached at all. */
export async function* transportChecks(
  base: URL,
  now: () => number,
): AsyncGenerator<Check, boolean> {
  if (base.protocol === 'https:') yield* certificate(base, now)
  else yield { check: 'tls', ...plain(base) }
  const url = below(base, '/livez')
  const answer = await ask(url.href)
  if ('failure' in answer) {
    yield { check: 'connection', ...unreachable(answer.failure, url.href) }
    return false
  }
  if (base.protocol === 'https:') {
    yield { check: 'hsts', ...hsts(answer) }
    yield { check: 'redirect', ...(await redirect(base)) }
  }
  yield { check: 'clock', ...clock(answer) }
  return true
}

async function* certificate(url: URL, now: () => number): AsyncGenerator<Check> {
  for await (const each of examineTls({ url, now, allowPrivate: false, caFile: '' })) {
    if (each.check === 'trust' || !each.ok) yield { ...each, check: 'tls' }
    if (!each.ok) return
  }
}

function plain(base: URL): Finding {
  if (isLoopback(base)) return skipped('no TLS on this machine itself: none is needed')
  return fault(
    'no_tls',
    'tokens and calls go over the network in plain text, and pages of https:// may not connect',
    'Put a proxy with TLS in front (deploy/ has one), or set TLS_CERT_FILE and TLS_KEY_FILE.',
  )
}

function hsts({ headers }: Answer): Finding {
  const { 'strict-transport-security': header } = headers
  if (header !== undefined) return fine('ok', printable(header))
  const fix = 'Let the proxy send Strict-Transport-Security: max-age=31536000.'
  return skipped('browsers are not told to stay with https', fix)
}

/** Where a browser ends up that is given the name alone. */
async function redirect(base: URL): Promise<Finding> {
  if (base.port !== '') return skipped('it has a port of its own')
  const url = new URL(base)
  url.protocol = 'http:'
  const answer = await ask(url.href)
  if ('failure' in answer) return fine('ok', 'nobody answers on port 80')
  const { status, headers } = answer
  const leads = status >= 300 && status < 400 && (headers['location'] ?? '').startsWith('https:')
  if (leads) return fine('ok', 'http:// leads to https://')
  return fault(
    'no_redirect',
    `http:// answers ${status} in plain text`,
    'Let the proxy redirect http:// to https://.',
  )
}

/** What differs less, nobody tells; beyond this tokens and signatures are refused. */
const [worthTellingSeconds, mostSeconds] = [60, 300]

function clock({ headers, atMs }: Answer): Finding {
  const date = Date.parse(headers['date'] ?? '')
  if (Number.isNaN(date)) return skipped('the answer has no Date')
  const seconds = Math.round((date - atMs) / 1_000)
  if (Math.abs(seconds) <= worthTellingSeconds) return fine('ok', 'it goes as the one here')
  const says = `its clock is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead' : 'behind'}`
  const fix = 'Compare date -u on both: timedatectl set-ntp true.'
  return Math.abs(seconds) > mostSeconds
    ? fault('clock_skew', says, fix)
    : fine('clock_skew', says, fix)
}
