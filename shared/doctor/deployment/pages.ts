import { ask } from '../ask.ts'
import { fault, fine, skipped, type Check, type Finding } from '../finding.ts'
import { below } from '../hub/place.ts'
import { objectIn } from '../json.ts'
import { printable } from '../printable.ts'
import { unreachable } from '../unreachable.ts'
import type { Answer } from '../answer.ts'

/** What a path of a deployment should answer. */
interface Page {
  readonly path: string
  judge(answer: Answer): Finding
}

const missing = (path: string, { status }: Answer): Finding =>
  fault(
    status === 404 ? 'path_not_found' : 'unexpected_answer',
    `it answers ${status}`,
    `Let the proxy pass ${path} on, with its path as it is.`,
  )

const livez: Page = {
  path: '/livez',
  judge: (answer) => (answer.status === 200 ? fine('ok', 'it lives') : missing('/livez', answer)),
}

const readyz: Page = {
  path: '/readyz',
  judge(answer) {
    const { status, checks } = objectIn(answer.body)
    if (answer.status === 200) return fine('ok', 'it is ready')
    if (answer.status !== 503 || typeof status !== 'string') return missing('/readyz', answer)
    const failing = Object.entries(objectIn(JSON.stringify(checks ?? {})))
      .filter(([, value]) => !/"ok"|^true$/.test(JSON.stringify(value)))
      .map(([name]) => name)
    const which = failing.length > 0 ? `: ${failing.join(', ')}` : ''
    return fault(
      'not_ready',
      printable(`it is not ready${which}`),
      'Look into the log of the service.',
    )
  },
}

const health: Page = {
  path: '/health',
  judge(answer) {
    const { status, version, uptime } = objectIn(answer.body)
    if (typeof version !== 'string') return missing('/health', answer)
    const seconds = typeof uptime === 'number' ? `, up for ${Math.floor(uptime)} s` : ''
    const said = printable(`${String(status)}, version ${version}`) + seconds
    return status === 'ok' ? fine('ok', said) : fault('not_ready', said, 'Look at its checks.')
  },
}

const metrics: Page = {
  path: '/metrics',
  judge({ status, body }) {
    if (status !== 200 || !/switchhook_|process_/.test(body)) return fine('ok', 'it is not public')
    return fault(
      'metrics_public',
      'anybody can read it',
      'Set ADMIN_PORT, which only your network reaches, or refuse /metrics and /internal in the proxy.',
    )
  },
}

const console: Page = {
  path: '/',
  judge(answer) {
    const { status, headers, body } = answer
    if (status !== 200 || !/<html|<!doctype/i.test(body)) return missing('/', answer)
    const csp = headers['content-security-policy'] ?? ''
    if (/default-src 'none'/.test(csp) && !/unsafe-(inline|eval)/.test(csp)) {
      return fine('ok', 'the console is there, with its content security policy')
    }
    return fault(
      'csp_changed',
      csp === ''
        ? 'its content security policy is missing'
        : 'its content security policy is weaker',
      'Let the proxy pass the header Content-Security-Policy on as it is.',
    )
  },
}

const sdk: Page = {
  path: '/sdk.js',
  judge(answer) {
    const isScript = /javascript/.test(answer.headers['content-type'] ?? '')
    return answer.status === 200 && isScript
      ? fine('ok', 'the browser SDK is there')
      : missing('/sdk.js', answer)
  },
}

const openapi: Page = {
  path: '/openapi.json',
  judge(answer) {
    const isThere = answer.status === 200 && /"openapi"\s*:\s*"3/.test(answer.body)
    return isThere
      ? fine('ok', 'the description of the API is there')
      : missing('/openapi.json', answer)
  },
}

/** Asks for the pages of a deployment, one after the other. */
export async function* pageChecks(base: URL): AsyncGenerator<Check> {
  for (const { path, judge } of [livez, readyz, health, metrics, console, sdk, openapi]) {
    const url = below(base, path)
    const outcome = await ask(url.href)
    if ('failure' in outcome) yield { check: path, ...unreachable(outcome.failure, url.href) }
    else if (path === '/metrics' && isLoopback(base)) yield { check: path, ...onThisMachine }
    else yield { check: path, ...judge(outcome) }
  }
}

const onThisMachine = skipped('whether it is public cannot be seen from the machine itself')

/** Whether a URL is of this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|127\..*|\[::1\])$/.test(hostname)
}
