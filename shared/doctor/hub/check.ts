import { ask } from '../ask.ts'
import { fault, fine, type Finding } from '../finding.ts'
import { objectIn } from '../json.ts'
import { printable, sentence } from '../printable.ts'
import { unreachable } from '../unreachable.ts'
import { headersOf, type Credentials } from './socket.ts'

/** What a deployment says that a connection would get, or why it cannot be asked. */
export interface Verdict {
  readonly finding: Finding
  /** The origin that arrived there; undefined if it did not answer as the suite does. */
  readonly origin?: string | null
}

/** Asks an endpoint like `/api/ws/check`. */
export async function askCheck(url: URL, credentials: Credentials): Promise<Verdict> {
  const outcome = await ask(url.href, { headers: headersOf(credentials) })
  if ('failure' in outcome) return { finding: unreachable(outcome.failure, url.href) }
  const { ok, code, message, fix, origin } = objectIn(outcome.body)
  if (outcome.status !== 200 || typeof ok !== 'boolean' || typeof message !== 'string') {
    return { finding: stranger(outcome.status, url) }
  }
  const help = typeof fix === 'string' ? sentence(fix) : null
  const finding = ok
    ? fine('ok', printable(message), help)
    : fault(printable(String(code)), printable(message), help)
  return { finding, origin: typeof origin === 'string' ? origin : null }
}

function stranger(status: number, url: URL): Finding {
  return fault(
    'not_switchhook',
    `${status}: ${url.href} does not answer as Switchhook does`,
    `Let the proxy pass ${url.pathname} on, with its path as it is; an older version has no such endpoint.`,
  )
}
