import cors from '@switchhook/plugins/cors'
import { CodedError } from '@switchhook/shared/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Principal } from '@switchhook/plugins/auth'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null outside the REST API. */
    holder: Principal | null
  }
}

/**
 * Registers routes of the REST API: for pages of allowed origins and whoever else has a credential, each as often as
 * `RATE_LIMIT_CALLS` says.
 */
export async function rest(
  app: FastifyInstance,
  routes: (scope: FastifyInstance) => Promise<void> | void,
): Promise<void> {
  await app.register(async (scope) => {
    // Before the credential is asked for: a preflight has none.
    await scope.register(cors)
    scope.decorateRequest('holder', null)
    app.limits.calls.guard(scope, async (request) => {
      const holder = await scope.authenticate(request)
      request.holder = holder
      return `${holder.app} ${holder.sub}`
    })
    scope.acceptNoBody()
    await routes(scope)
  })
}

/** Who asks, in a route of `rest`. */
export function principalOf({ holder }: FastifyRequest): Principal {
  return holder!
}

/** Who asks, of those who see the whole app. @throws CodedError `supervisors_only` */
export function supervisorOf(request: FastifyRequest): Principal {
  const principal = principalOf(request)
  if (principal.role === 'supervisor') return principal
  throw new CodedError('supervisors_only')
}
