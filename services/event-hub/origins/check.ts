import { Type, type Static } from 'typebox'
import { readableFromAnywhere } from '@switchhook/plugins/cors'
import { CodedError } from '@switchhook/shared/errors'
import { pageOrigin } from '../../page-origin.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Hub } from '../hub.ts'

const TextOrNull = (description: string) =>
  Type.Union([Type.String(), Type.Null()], { description })

const Answer = Type.Object(
  {
    ok: Type.Boolean({ description: 'Whether it would be accepted.' }),
    code: Type.String({ description: '`ok`, or the code of the refusal.' }),
    message: Type.String({ description: 'The same in words.' }),
    fix: TextOrNull('What helps; null if nothing is wrong.'),
    origin: TextOrNull('Of the page that asks; null if no page does.'),
  },
  {
    description: 'What a connection would get.',
    examples: [
      {
        ok: false,
        code: 'auth_expired',
        message: 'The credential expired',
        fix: 'Fetch a fresh token and connect again.',
        origin: 'https://crm.example.com',
      },
    ],
  },
)
type Answer = Static<typeof Answer>

const schema = {
  tags: ['sockets'],
  operationId: 'checkSocket',
  summary: 'Why is my socket refused?',
  description:
    'What a WebSocket from here with these credentials would get. Always 200 and readable from every page: it tells a page what a refused handshake cannot.',
  security: [{}, { token: [] }, { apiKey: [] }, { tokenInQuery: [] }, { apiKeyInQuery: [] }],
  response: { 200: Answer },
}

/** Of one address; a client asks once after a refusal. */
const perMinute = 60

/**
 * `GET /api/ws/check`: what a WebSocket from here with these credentials would get. Always 200 and readable from
 * everywhere: it tells a page why it is refused, which a refused handshake cannot.
 */
export async function checkRoute(app: FastifyInstance, hub: Room): Promise<void> {
  const limit = app.limits.of('checks', perMinute)
  await app.register(async (scope) => {
    readableFromAnywhere(scope)
    scope.get('/api/ws/check', { schema }, async (request, reply): Promise<Answer> => {
      reply.header('cache-control', 'no-store')
      const origin = pageOrigin(request) ?? null
      const tooMany = await limit.countAddress(request, reply)
      if (tooMany) reply.header('retry-after', tooMany.retryAfter)
      try {
        return { ...(await checked(request, { hub, origin, tooMany })), origin }
      } catch (error) {
        return { ...refusalIn(error, request), origin }
      }
    })
  })
}

/** Where sockets find a place. */
type Room = Pick<Hub, 'assertRoom'>

interface Asked {
  readonly hub: Room
  readonly origin: string | null
  readonly tooMany: CodedError | null
}

/**
 * Origin first, then the credential, as a handshake is asked. Beyond the limit only the origin is: a whole office on a
 * new domain has one address, and no token can be guessed that way.
 * @throws `tooMany`, or what `app.authenticate` and `assertRoom` throw
 */
async function checked(
  request: FastifyRequest,
  { hub, origin, tooMany }: Asked,
): Promise<Omit<Answer, 'origin'>> {
  const judgement = origin === null ? null : request.server.origins.judge(origin)
  if (judgement && !judgement.passes) {
    const { code, message } = new CodedError('origin_not_allowed', { args: [origin!] })
    return { ok: false, code, message, fix: judgement.fix }
  }
  if (tooMany) throw tooMany
  hub.assertRoom(await request.server.authenticate(request))
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
