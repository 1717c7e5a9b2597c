import fp from 'fastify-plugin'
import { Type, type Static } from 'typebox'
import { CodedError } from '@switchhook/shared/errors'
import { originMatcher, originMistake } from './match.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'

export const Options = Type.Object({
  allow: Type.Array(Type.String(), {
    env: 'ALLOWED_ORIGINS',
    separator: ' ',
    default: [],
    description:
      'Origins whose pages may connect, besides that of `PUBLIC_URL`; `https://*.example.com` is one label; `null`, `file://`, `app://name` literally.',
    example: 'https://crm.example.com https://*.example.com',
  }),
  frontendUrl: Type.Optional(
    Type.String({
      env: 'FRONTEND_URL',
      description: 'One more allowed origin.',
      example: 'https://crm.example.com',
    }),
  ),
  insecureAnyOrigin: Type.Boolean({
    env: 'INSECURE_ANY_ORIGIN',
    default: false,
    description: 'Needed to allow `*`: any page may then connect with a token it got hold of.',
  }),
})

declare module 'fastify' {
  interface FastifyInstance {
    /** The refusal of a request's origin, or null. A request without one is not a browser and passes. */
    originRefusal(request: FastifyRequest): CodedError | null
  }
}

/** Where this process's own page is served. */
interface Own {
  readonly publicUrl: string
  /** The port it listens on: localhost with it always passes. */
  readonly port: number
}

const minuteMs = 60_000
/** In a flood of invented origins only the first of a minute are named. */
const namedOrigins = 1_000

/** Mistakes in the list that its schema cannot see. */
export function originMistakes(
  options: Static<typeof Options>,
): { name: string; reason: string }[] {
  const mistakes = options.allow.flatMap((entry) => {
    const reason = originMistake(entry)
    return reason === null ? [] : [{ name: 'ALLOWED_ORIGINS', reason }]
  })
  if (options.allow.includes('*') && !options.insecureAnyOrigin) {
    mistakes.push({ name: 'ALLOWED_ORIGINS', reason: "'*' needs INSECURE_ANY_ORIGIN=true" })
  }
  if (options.frontendUrl !== undefined && !URL.canParse(options.frontendUrl)) {
    mistakes.push({ name: 'FRONTEND_URL', reason: `'${options.frontendUrl}' is not a URL` })
  }
  return mistakes
}

/** `app.originRefusal`: exact and one-label wildcard origins, from one list. */
async function originCheck(
  app: FastifyInstance,
  { allow, frontendUrl, publicUrl, port }: Static<typeof Options> & Own,
): Promise<void> {
  const own = new Set([...aliases(new URL(publicUrl)), ...loopback('http:', port)])
  const entries = [
    ...own,
    ...allow,
    ...(frontendUrl === undefined ? [] : [new URL(frontendUrl).origin]),
  ]
  const allowed = originMatcher(entries)
  const report = refusalReporter(app)
  app.log.info({ origins: entries }, 'origins allowed')
  if (entries.includes('*')) app.log.warn('any origin may connect')
  app.decorate('originRefusal', (request: FastifyRequest) => {
    const { origin } = request.headers
    if (origin === undefined || allowed(origin)) return null
    report(origin)
    return new CodedError('origin_not_allowed', { args: [origin] })
  })
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']

/** An origin; if it is one of the loopback, under all names of the loopback. */
function aliases({ origin, hostname, protocol, port }: URL): string[] {
  return loopbackNames.includes(hostname) ? loopback(protocol, port) : [origin]
}

function loopback(protocol: string, port: number | string): string[] {
  return loopbackNames.map((name) => new URL(`${protocol}//${name}:${port}`).origin)
}

/** Logs the first refusal of an origin, then at most one line a minute that counts those in between. */
function refusalReporter(app: FastifyInstance): (origin: string) => void {
  const seen = new Map<string, { quietUntil: number; unsaid: number }>()
  return (origin) => {
    const now = Date.now()
    const entry = seen.get(origin)
    if (entry && now < entry.quietUntil) {
      entry.unsaid += 1
      return
    }
    if (seen.size >= namedOrigins) forgetQuiet(seen, now)
    if (seen.size >= namedOrigins) return
    const refused = 1 + (entry?.unsaid ?? 0)
    app.log.warn({ origin, refused, fix: `add ${origin} to ALLOWED_ORIGINS` }, 'origin refused')
    seen.set(origin, { quietUntil: now + minuteMs, unsaid: 0 })
  }
}

function forgetQuiet(seen: Map<string, { quietUntil: number }>, now: number): void {
  for (const [origin, { quietUntil }] of seen) if (now >= quietUntil) seen.delete(origin)
}

export default fp(originCheck, { name: 'origin-check', fastify: '5.x' })
