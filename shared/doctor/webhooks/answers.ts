import { fault, type Finding } from '../finding.ts'
import { ourAnswer, type Answer, type OurAnswer } from '../answer.ts'

/** Whom an answer is about. */
export interface Asked {
  readonly url: string
  /** The variable with the credential. */
  readonly credentialName: string
}

type Problem = OurAnswer & { kind: 'problem' }

/** Problems of the suite that say what to do only to those who know where to look. */
const hints: Readonly<Record<string, (problem: Problem, asked: Asked) => Finding>> = {
  provider_not_configured: ({ code, detail }, { credentialName }) =>
    fault(
      code,
      detail,
      `Give the service ${credentialName} and restart it, or PUT the app's own credentials.`,
    ),
  provider_not_found: ({ code, detail }, { url }) =>
    fault(
      code,
      detail,
      `Something rewrites the path of ${url}, or the service is an older version.`,
    ),
  app_not_found: ({ code, detail }) =>
    fault(code, detail, 'Compare the id with GET /internal/apps; an inactive app counts as none.'),
  not_found: ({ detail }, { url }) => {
    const { pathname } = new URL(url)
    return detail.endsWith(` ${pathname}`)
      ? fault('path_not_found', detail, 'Endpoints are at /webhooks/<provider>: compare the URL.')
      : fault(
          'path_rewritten',
          `${detail}, where the request for ${pathname} arrived: something rewrites the path`,
          'Let the proxy pass the path on as it is.',
        )
  },
  encoding_not_supported: ({ detail }) =>
    fault(
      'body_compressed',
      `${detail}; it was sent uncompressed`,
      'Switch off compression of requests in the proxy in front.',
    ),
  body_too_large: ({ code, detail }) =>
    fault(code, `${detail}, and the sample is small`, 'Raise WEBHOOK_BODY_LIMIT.'),
}

/** What an answer means that neither took nor refused the sample for what it is. */
export function answerFinding(answer: Answer, asked: Asked): Finding {
  const ours = ourAnswer(answer)
  if (ours?.kind === 'problem') {
    const { code, detail, fix } = ours
    return hints[code]?.(ours, asked) ?? fault(code, `${ours.status}: ${detail}`, fix)
  }
  const { status } = answer
  if (status >= 300 && status < 400) return redirected(answer, asked)
  if (status >= 500) return broken(status)
  return refusals[status]?.(asked) ?? stranger(status)
}

function redirected({ status, headers }: Answer, { url }: Asked): Finding {
  const { location } = headers
  const target = location === undefined ? null : URL.parse(location, url)
  const to = target === null ? '' : ` to ${target.href}`
  return fault(
    'redirected',
    `${status}: it redirects${to}, and providers do not follow`,
    target === null
      ? 'Let the proxy answer at this URL itself.'
      : `Give the provider ${target.href}, or let the proxy answer at this URL itself.`,
  )
}

function broken(status: number): Finding {
  const away = [502, 503, 504].includes(status)
  return fault(
    'server_error',
    away
      ? `${status}: what answers is a proxy, and the service behind it is away`
      : `${status}: what answers has failed`,
    away ? 'Start the service; compare its HOST and PORT with the proxy.' : 'Look into its log.',
  )
}

const login = (): Finding =>
  fault(
    'refused_in_front',
    'something in front of the service refuses: a login, a firewall or a bot filter',
    'Let requests to /webhooks/ pass without it: they prove themselves by their signature.',
  )

/** By status, where somebody else than the suite answered. */
const refusals: Readonly<Record<number, (asked: Asked) => Finding>> = {
  401: login,
  403: login,
  407: login,
  404: ({ url }) =>
    fault(
      'path_not_found',
      `404: nothing of Switchhook is at ${url}`,
      'Let the proxy pass /webhooks/* on to webhook-ingest, with its path as it is.',
    ),
  405: () =>
    fault(
      'method_not_allowed',
      '405: POST is not let through',
      'Let the proxy pass POST requests on.',
    ),
  411: () =>
    fault('server_error', '411: a length is demanded', 'Look at the proxy in front of it.'),
  413: () =>
    fault(
      'body_too_large',
      '413: a proxy refuses bodies of this size, and the sample is small',
      'Raise its limit (nginx: client_max_body_size) to WEBHOOK_BODY_LIMIT.',
    ),
  429: () =>
    fault(
      'rate_limited',
      '429: a proxy limits requests, and some providers never repeat what got a 429',
      'Take /webhooks/ out of its rate limit.',
    ),
}

function stranger(status: number): Finding {
  return fault(
    'not_switchhook',
    `${status}: something answers, but it is not Switchhook`,
    'Let the proxy pass /webhooks/* on to webhook-ingest.',
  )
}
