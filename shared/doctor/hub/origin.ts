import { isIP } from 'node:net'
import { fault, fine, type Check, type Finding } from '../finding.ts'
import { converse } from '../conversation.ts'
import { askCheck } from './check.ts'
import { below, socketOf } from './place.ts'
import { closeFault, statusFault } from './refusals.ts'
import { openSocket } from './socket.ts'
import { connectionFaults } from './index.ts'

export interface OriginExamination {
  /** Of the deployment. */
  readonly url: URL
  /** As somebody typed it. */
  readonly origin: string
  /** With one, the last day of an origin is told too. */
  readonly token?: string | undefined
  /** Unix milliseconds. */
  readonly now: () => number
}

const farewellMs = 5_000

/** Says whether pages of an origin may connect, and which setting to change if they may not. */
export async function* examineOrigin(examination: OriginExamination): AsyncGenerator<Check> {
  const { url, token, now } = examination
  const origin = asBrowsersSend(examination.origin)
  if (origin !== examination.origin)
    yield { check: 'spelling', ...spelled(examination.origin, origin) }
  const { finding, origin: arrived } = await askCheck(below(url, '/api/ws/check'), {
    origin,
    token,
  })
  yield { check: '/api/ws/check', ...verdict(finding, { origin, arrived }) }
  try {
    yield { check: 'socket', ...(await handshake(socketOf(url), origin)) }
  } catch (error) {
    yield* connectionFaults(error, { url, now })
  }
}

/** Scheme, host and port, in lower case; what is no URL of the web stays as it is. */
function asBrowsersSend(text: string): string {
  const url = /^https?:/i.test(text) ? URL.parse(text) : null
  return url === null ? text.trim() : url.origin
}

const spelled = (typed: string, origin: string): Finding =>
  fine(
    'origin_spelled',
    `browsers send ${origin}, whatever stands behind it and however it is written`,
    `Write it so in ALLOWED_ORIGINS too: ${typed} would never match.`,
  )

interface Sent {
  readonly origin: string
  /** What the deployment got; undefined if it is not known. */
  readonly arrived?: string | null | undefined
}

function verdict(finding: Finding, { origin, arrived }: Sent): Finding {
  if (arrived !== undefined && arrived !== origin) {
    return fault(
      'origin_changed',
      `the service got ${arrived === null ? 'no origin' : arrived} in place of ${origin}`,
      'Let the proxy pass the header Origin on as it is.',
    )
  }
  if (finding.code === 'origin_not_allowed') return refused(finding, origin)
  // Whoever is asked for a credential has passed the origin check.
  const passes = finding.ok || /^(auth_|alg_)/.test(finding.code)
  if (!passes) return finding
  return fine('ok', finding.ok ? `${origin}: ${finding.message}` : `${origin} is allowed`)
}

function refused({ code, message, fix }: Finding, origin: string): Finding {
  const wildcard = wildcardOf(origin)
  const all = wildcard === null ? '' : ` For all previews together: ${wildcard}.`
  const how =
    'ALLOWED_ORIGINS is space separated and read at start; ORIGINS_FILE has one a line and is read at once.'
  return fault(code, message, `${fix ?? `Add ${origin} to ALLOWED_ORIGINS.`} ${how}${all}`)
}

/** For hosts whose first label looks made by a machine: `https://*.preview.example.com`. */
function wildcardOf(origin: string): string | null {
  if (isIP(URL.parse(origin)?.hostname ?? '') !== 0) return null
  const [, scheme, first = '', rest] = /^(https?:\/\/)([^./:]+)(\.[^/]+\.[^/]+)$/.exec(origin) ?? []
  return /\d|preview|branch|deploy|pr-/.test(first) && scheme ? `${scheme}*${rest}` : null
}

/** What a real handshake from that origin gets, without a credential. */
async function handshake(url: URL, origin: string): Promise<Finding> {
  const opened = await openSocket(url, { origin }, [])
  if (opened.status !== 101) return statusFault(opened, url)
  const talk = converse(opened.socket, opened.head)
  const said = await talk.next(farewellMs)
  talk.end()
  if (said?.kind !== 'close') return fine('ok', 'a real handshake from there is taken in')
  if (said.reason !== 'auth_missing') return closeFault(said.code, said.reason)
  return fine('ok', 'a real handshake from there is taken in, and asked for a credential')
}
