import { fault, fine, skipped, type Check, type Finding } from '../finding.ts'
import type { Attempt } from './attempt.ts'

/** What the attempts mean together: what works first, then what was asked for, then the rest. */
export function explain(attempts: readonly Attempt[]): Check[] {
  const [given, bare, ...others] = attempts
  const working = others.filter(({ works }) => works)
  const silent = others.filter(({ fault: kept }) => kept !== null)
  const refusing = others.filter((each) => each.fault === null && !each.works)
  return [
    ...(given!.works ? [checkOf(given!, worked(given!))] : []),
    ...working.map((each) => checkOf(each, worked(each))),
    ...(given!.works ? [] : [checkOf(given!, refused(given!, working[0]))]),
    ...(given!.fault === null ? [checkOf(bare!, withoutIt(bare!))] : []),
    ...refusing.map((each) => checkOf(each, skipped(statusOf(each)))),
    ...(silent.length > 0 ? [nobodyAt(silent)] : []),
    ...sessionLimit([given!, ...working]),
  ]
}

function checkOf({ url, offers, status, server, sip }: Attempt, finding: Finding): Check {
  const check = `${url.href} ${offers ? 'with' : 'without'} 'sip'`
  return { check, ...finding, details: { url: url.href, offers, status, server, sip } }
}

function worked(attempt: Attempt): Finding {
  return fine('ok', `${statusOf(attempt)}${whoAnswers(attempt)}`)
}

function whoAnswers({ sip, server }: Attempt): string {
  const http = server === null ? '' : `, ${server}`
  if (!sip) return `${http}; no answer to OPTIONS within 2 s, which strangers often get`
  const agent = sip.agent === null ? http : `, ${sip.agent}`
  return `${agent}; it answers OPTIONS with ${sip.status} ${sip.reason}`.trimEnd()
}

function statusOf({ status, reason, works }: Attempt): string {
  if (status !== 101) return `${status} ${reason}`.trim()
  return works ? "101, it speaks 'sip'" : "101, but it chooses no 'sip'"
}

/** Why what was asked for does not work, and what does. */
function refused(given: Attempt, working: Attempt | undefined): Finding {
  const { code, message, fix } = given.fault ?? answerFault(given)
  return fault(code, message, working ? `Use ${working.url.href}, which works.` : fix)
}

function answerFault(attempt: Attempt): Finding {
  const said = statusOf(attempt)
  const known = byStatus[attempt.status]
  if (known) return fault(known[0], `${said}: ${known[1]}`, known[2])
  if (attempt.status >= 300 && attempt.status < 400) {
    const to = attempt.location ?? 'nowhere'
    return fault('upstream_redirected', `${said} to ${to}: nobody follows`, `Try ${to}.`)
  }
  if (attempt.status >= 500) {
    return fault(
      'upstream_failed',
      `${said}: it has failed`,
      'Look into its log, or that of the proxy in front.',
    )
  }
  return fault('upstream_not_websocket', `${said}: it is something else`, elsewhere)
}

const elsewhere = 'Ask for the path and port of SIP over WebSocket in its configuration.'

const loginFault = [
  'upstream_forbidden',
  'it asks for a login, another address or an Origin',
  'Set `origin` on the upstream, or let the address of this machine pass.',
] as const

const byStatus: Readonly<Record<number, readonly [code: string, says: string, fix: string]>> = {
  101: ['upstream_not_websocket', 'it is a WebSocket for something else', elsewhere],
  200: [
    'upstream_not_websocket',
    'a web server answers, which takes it for a page',
    'Try another path; a proxy in front must pass Upgrade and Connection on.',
  ],
  400: [
    'upstream_bad_request',
    "though 'sip' was offered: its path is another one, or it has no SIP over WebSocket",
    'Asterisk: load res_http_websocket and res_pjsip_transport_websocket, and have a transport with protocol=wss.',
  ],
  401: loginFault,
  403: loginFault,
  404: ['upstream_path_not_found', 'the path is another one', 'It is usually /ws.'],
  407: loginFault,
  426: [
    'upstream_not_websocket',
    'it saw no request for a WebSocket: something between drops the header Upgrade',
    'Let the proxy pass it on (nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade").',
  ],
}

/** What clients get that offer no subprotocol, as tools often do. */
function withoutIt(bare: Attempt): Finding {
  if (bare.fault) return skipped(bare.fault.message)
  if (bare.status === 101) return skipped('101: it takes clients that offer nothing, too')
  const said = statusOf(bare)
  return skipped(
    bare.status === 400 ? `${said}, as it should be: every client has to offer it` : said,
  )
}

function nobodyAt(silent: readonly Attempt[]): Check {
  const places = silent.map(({ url }) => url.href)
  const details = Object.fromEntries(silent.map((each) => [each.url.href, each.fault!.message]))
  return { check: 'elsewhere', ...skipped(`nothing at ${places.join(', ')}`), details }
}

/** Asterisk counts each WebSocket as an HTTP session. */
function sessionLimit(attempts: readonly Attempt[]): Check[] {
  const isAsterisk = attempts.some(
    ({ works, server, sip }) => works && /asterisk/i.test(`${server} ${sip?.agent}`),
  )
  if (!isAsterisk) return []
  return [
    {
      check: 'sessions',
      ...fine(
        'asterisk_session_limit',
        'Asterisk takes 100 HTTP sessions unless told otherwise, and each WebSocket is one',
        "Set sessionlimit in http.conf above the number of phones, and the upstream's maxSockets no higher.",
      ),
    },
  ]
}
