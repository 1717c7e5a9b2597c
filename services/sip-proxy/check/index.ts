import { readableFromAnywhere } from '@switchhook/plugins/cors'
import { CodedError } from '@switchhook/shared/errors'
import { admit } from '../admission/index.ts'
import { pageOrigin } from '../../page-origin.ts'
import { Probe } from './probe.ts'
import { Check, type Answer } from './schema.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Door } from '../admission/door.ts'

/** Of one address; a client asks once after a refusal. */
const perMinute = 60

type Verdict = Omit<Answer, 'origin'>

/**
 * `GET /api/sip-check?upstream=`: what a SIP socket from here with these credentials would get. Always 200 and readable
 * from everywhere: it tells a page why it is refused, which a refused handshake cannot.
 */
export async function checkRoute(app: FastifyInstance, door: Door): Promise<void> {
  const limit = app.limits.of('sip-checks', perMinute)
  const probe = new Probe(door.reach)
  app.addHook('preClose', async () => probe.close())
  await app.register(async (scope) => {
    readableFromAnywhere(scope)
    scope.get<{ Querystring: { upstream?: string } }>(
      '/api/sip-check',
      { schema: Check },
      async (request, reply): Promise<Answer> => {
        reply.header('cache-control', 'no-store')
        const origin = pageOrigin(request)
        const tooMany = await limit.countAddress(request, reply)
        if (tooMany) reply.header('retry-after', tooMany.retryAfter)
        const verdict = await judged(request, { door, probe, origin, tooMany })
        return { ...verdict, origin: origin ?? null }
      },
    )
  })
}

interface Asked {
  readonly door: Door
  readonly probe: Probe
  readonly origin: string | undefined
  readonly tooMany: CodedError | null
}

async function judged(request: FastifyRequest, asked: Asked): Promise<Verdict> {
  try {
    await assertConnected(request, asked)
    return {
      ok: true,
      code: 'ok',
      message: 'A connection is accepted, and leads to the PBX',
      fix: null,
    }
  } catch (error) {
    return refusalIn(error, request)
  }
}

/**
 * In the order of a handshake. Beyond the limit only the origin is judged: a whole office on a new domain has one
 * address, and no token can be guessed that way.
 */
async function assertConnected(
  request: FastifyRequest,
  { door, probe, origin, tooMany }: Asked,
): Promise<void> {
  const judgement = origin === undefined ? null : request.server.origins.judge(origin)
  if (judgement && !judgement.passes) {
    throw new CodedError('origin_not_allowed', { args: [origin!, judgement.fix] })
  }
  if (tooMany) throw tooMany
  const { upstream = '' } = request.query as { upstream?: string }
  const { route } = await admit(request, door.upstreams, { upstream, origin })
  door.places.assertRoomAt(route.upstream)
  await probe.assertReachable(route)
}

function refusalIn(error: unknown, { log }: FastifyRequest): Verdict {
  if (!(error instanceof CodedError)) log.error({ err: error }, 'check failed')
  const coded = error instanceof CodedError ? error : new CodedError('internal', { cause: error })
  return { ok: false, code: coded.code, message: coded.message, fix: coded.fix ?? null }
}
