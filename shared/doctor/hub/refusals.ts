import { CodedError, errorCodes, type Code, type ErrorCode } from '../../errors/index.ts'
import { ourAnswer } from '../answer.ts'
import { fault, faultIn, type Finding } from '../finding.ts'
import { printable } from '../printable.ts'
import type { Opened } from './socket.ts'

/** What keeps a connection from being there at all: other words than of a PBX. */
const unreachable: Readonly<Record<string, readonly [code: string, fix: string]>> = {
  upstream_not_websocket: [
    'not_websocket',
    'Look what listens there: the path is /ws, and a proxy in front must pass Upgrade on.',
  ],
  upstream_timeout: [
    'timeout',
    'Look for a firewall that drops packets, and for a proxy that waits for a service that is away.',
  ],
  upstream_unreachable: [
    'unreachable',
    'Start the service, or the proxy in front of it; compare HOST and PORT with the URL.',
  ],
  upstream_unresolved: ['dns_failure', 'Look for a mistyped host, and for its A or AAAA record.'],
}

/** Why nobody answered. */
export function unreachableFault(error: unknown): Finding {
  const { code, message, fix } = faultIn(error)
  const [ours, help] = unreachable[code] ?? [code, fix]
  return fault(ours, message.replace('SIP over WebSocket', 'WebSocket'), help)
}

/** Whether an error is of TLS, which is looked at apart. */
export function isOfTls(error: unknown): boolean {
  return (
    error instanceof CodedError &&
    /^upstream_(chain|issuer|self|certificate|name|tls)_/.test(error.code)
  )
}

/** Why a handshake was answered with something else than 101. */
export function statusFault(answer: Opened, url: URL): Finding {
  const { status, reason, headers, body } = answer
  const ours = ourAnswer({ status, headers: {}, body, atMs: 0 })
  const said = `${status} ${printable(reason)}`.trim()
  if (ours?.kind === 'problem') {
    if (ours.code === 'websocket_required') return upgradeDropped(said)
    if (ours.code === 'not_found') return notThere(said, ours.detail, url)
    return fault(ours.code, `${said}: ${printable(ours.detail)}`, ours.fix)
  }
  if (status >= 300 && status < 400) return redirected(said, headers.get('location'), url)
  if (status >= 500) return broken(said)
  return (byStatus[status] ?? stranger)(said)
}

/** Nothing is there: by a mistyped path, or by one that something in front has changed. */
function notThere(said: string, detail: string, { pathname }: URL): Finding {
  if (detail.endsWith(` ${pathname}`)) {
    const fix = 'The socket is at /ws: compare the path.'
    return fault('path_not_found', `${said}: ${printable(detail)}`, fix)
  }
  return fault(
    'path_rewritten',
    `${said}: ${printable(detail)}, where the request for ${pathname} arrived: something rewrites the path`,
    'Let the proxy pass the path on as it is.',
  )
}

function redirected(said: string, location: string | undefined, url: URL): Finding {
  const to = location === undefined ? null : URL.parse(location, url.href.replace(/^ws/, 'http'))
  const target = to === null ? 'nowhere' : to.href.replace(/^http/, 'ws')
  return fault(
    'redirected',
    `${said} to ${printable(target)}: WebSocket clients do not follow`,
    to === null ? 'Let the proxy answer at this URL itself.' : `Connect to ${printable(target)}.`,
  )
}

function broken(said: string): Finding {
  const away = /^50[234]/.test(said)
  return away
    ? fault(
        'server_error',
        `${said}: what answers is a proxy, and the service behind it is away`,
        'Start the service; compare its HOST and PORT with the proxy.',
      )
    : fault('server_error', `${said}: what answers has failed`, 'Look into its log.')
}

const passOn =
  'Let the proxy pass it on (nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; Apache: ProxyPass … upgrade=websocket).'

const upgradeDropped = (said: string): Finding =>
  fault(
    'upgrade_dropped',
    `${said}: the service saw no request for a WebSocket: a proxy in front drops the header Upgrade`,
    passOn,
  )

const stranger = (said: string): Finding =>
  fault('not_switchhook', `${said}: something answers, but it is not Switchhook`, passOn)

const inFront = (said: string): Finding =>
  fault(
    'refused_in_front',
    `${said}: something in front of the service refuses: a login, a firewall or a bot filter`,
    'Let requests to /ws pass without it: they prove themselves by their credential.',
  )

/** By status, where somebody else than the suite answered. */
const byStatus: Readonly<Record<number, (said: string) => Finding>> = {
  200: (said) =>
    fault(
      'not_websocket',
      `${said}: a web server answers with a page, and takes it for no WebSocket`,
      `Compare the path with /ws. ${passOn}`,
    ),
  400: (said) =>
    fault(
      'upgrade_dropped',
      `${said}: something in front does not understand a WebSocket handshake, or speaks HTTP/1.0 to what is behind`,
      passOn,
    ),
  401: inFront,
  403: inFront,
  404: (said) =>
    fault(
      'path_not_found',
      `${said}: nothing of Switchhook is at this path`,
      'Let the proxy pass /ws on, with its path as it is.',
    ),
  407: inFront,
  426: (said) =>
    fault(
      'upgrade_dropped',
      `${said}: a WebSocket is asked for and the header Upgrade did not arrive`,
      passOn,
    ),
  429: (said) =>
    fault(
      'rate_limited',
      `${said}: a proxy limits requests`,
      'Take /ws out of its rate limit: after a restart everybody comes at once.',
    ),
}

/** What a close means: its reason begins with a code of the table. */
export function closeFault(code: number, reason: string): Finding {
  const [word = '', subject] = reason.split(' ')
  const said = `it is taken in, and closed with ${code}${reason === '' ? '' : ` ${reason}`}`
  if (!Object.hasOwn(errorCodes, word)) {
    return fault('closed', said, closeFixes[code] ?? 'Look into the log of the service.')
  }
  const { fix }: ErrorCode = errorCodes[word as Code]
  const add = `Add ${subject ?? 'the origin'} to ALLOWED_ORIGINS or ORIGINS_FILE.`
  return fault(word, said, word === 'origin_not_allowed' ? add : (fix ?? null))
}

const closeFixes: Readonly<Record<number, string>> = {
  1006: 'Look for a proxy or a firewall that cuts WebSockets off.',
  1012: 'The process is going away: try again.',
  1013: 'It has as many sockets as it takes: try again a little later.',
}
