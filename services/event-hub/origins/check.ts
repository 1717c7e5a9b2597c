import { readableFromAnywhere } from '@switchhook/plugins/cors'
import { CodedError } from '@switchhook/shared/errors'
import { pageOrigin } from './page-origin.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** What a connection would get. */
interface Answer {
  readonly ok: boolean
  readonly code: string
  readonly message: string
  readonly fix: string | null
  /** Of the page that asks; null if no page does. */
  readonly origin: string | null
}

/** Of one address; a client asks once after a refusal. */
const perMinute = 60

/**
 * `GET /api/ws/check`: what a WebSocket from here with these credentials would get. Always 200 and readable from
 * everywhere: it tells a page why it is refused, which a refused handshake cannot.
 */
export async function checkRoute(app: FastifyInstance): Promise<void> {
  const count = app.createRateLimit({ max: perMinute, timeWindow: 60_000 })
  await app.register(async (scope) => {
    readableFromAnywhere(scope)
    scope.get('/api/ws/check', async (request, reply): Promise<Answer> => {
      reply.header('cache-control', 'no-store')
      const origin = pageOrigin(request) ?? null
      const tooMany = limit(await count(request), reply)
      try {
        return { ...(await checked(app, request, { origin, tooMany })), origin }
      } catch (error) {
        return { ...refusalIn(error, request), origin }
      }
    })
  })
}

type Counted = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>

/** @returns `rate_limited`, or null within the limit */
function limit(counted: Counted, reply: FastifyReply): CodedError | null {
  if (counted.isAllowed) return null
  const { max, remaining, ttlInSeconds: seconds, isExceeded } = counted
  reply.headers({
    'ratelimit-limit': max,
    'ratelimit-remaining': remaining,
    'ratelimit-reset': seconds,
  })
  if (!isExceeded) return null
  reply.header('retry-after', seconds)
  return new CodedError('rate_limited', { args: [seconds] })
}

interface Asked {
  readonly origin: string | null
  readonly tooMany: CodedError | null
}

/**
 * Origin first, then the credential, as a handshake is asked. Beyond the limit only the origin is: a whole office on a
 * new domain has one address, and no token can be guessed that way.
 * @throws `tooMany`, or what `app.authenticate` throws
 */
async function checked(
  app: FastifyInstance,
  request: FastifyRequest,
  { origin, tooMany }: Asked,
): Promise<Omit<Answer, 'origin'>> {
  const judgement = origin === null ? null : app.origins.judge(origin)
  if (judgement && !judgement.passes) {
    const { code, message } = new CodedError('origin_not_allowed', { args: [origin!] })
    return { ok: false, code, message, fix: judgement.fix }
  }
  if (tooMany) throw tooMany
  await app.authenticate(request)
  const { until = null, successor = null } = judgement?.entry ?? {}
  const end = until === null ? '' : `, from this origin until ${until}`
  const next = successor === null ? '' : `: go to ${successor}`
  return { ok: true, code: 'ok', message: `A connection is accepted${end}${next}`, fix: null }
}

function refusalIn(error: unknown, { log }: FastifyRequest): Omit<Answer, 'origin'> {
  if (!(error instanceof CodedError)) log.error({ err: error }, 'check failed')
  const coded = error instanceof CodedError ? error : new CodedError('internal', { cause: error })
  return { ok: false, code: coded.code, message: coded.message, fix: coded.fix ?? null }
}
