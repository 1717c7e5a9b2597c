import { CodedError } from '@switchhook/shared/errors'
import { connect } from './admission/connect.ts'
import { entrance } from './admission/enter.ts'
import { keepProgress } from './admission/progress.ts'
import { refusing } from './admission/refuse.ts'
import type { FastifyInstance } from 'fastify'
import type { Door } from './admission/door.ts'
import type { Visitor } from './admission/visitor.ts'

/**
 * `GET /api/sip-ws/:upstream`: the PBX is asked first, and the client gets its 101 when there is something to talk to;
 * otherwise a reason.
 */
export async function routes(app: FastifyInstance, door: Door): Promise<void> {
  const waiting = new Set<Visitor>()
  const enter = entrance(app, door)
  app.addHook('preClose', async () => {
    for (const each of waiting) each.dismiss(new CodedError('shutting_down', { retryAfter: 1 }))
  })
  await app.register(async (scope) => {
    keepProgress(scope)
    scope.setErrorHandler(refusing(door.metrics))
    scope.get(
      '/api/sip-ws/:upstream',
      { config: { subprotocols: ['sip'], tunnel: true } },
      async (request, reply) => {
        const admitted = await enter(request, reply)
        if (app.health.draining) throw new CodedError('shutting_down', { retryAfter: 1 })
        await connect({ request, reply, ...admitted }, { door, waiting })
      },
    )
  })
}
