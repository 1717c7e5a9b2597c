import fp from 'fastify-plugin'
import { createHash, timingSafeEqual } from 'node:crypto'
import { Type, type Static } from 'typebox'
import { CodedError } from '@switchhook/shared/errors'
import type { By } from '@switchhook/shared/audit'
import type { FastifyInstance, FastifyRequest } from 'fastify'

export const Options = Type.Object({
  secrets: Type.Array(Type.String({ minLength: 32 }), {
    env: 'INTERNAL_API_SECRET',
    separator: ',',
    secret: true,
    generated: 32,
    minItems: 1,
    description:
      'Bearer for `/internal/*`, at least 32 characters; `a,b` are both accepted while you rotate.',
  }),
})

declare module 'fastify' {
  interface FastifyInstance {
    /** Registers routes below `/internal`, for bearers of `INTERNAL_API_SECRET` only. */
    internal(routes: (scope: FastifyInstance) => Promise<void> | void): Promise<void>
  }
}

/**
 * `app.internal`: the operators' API, on `ADMIN_PORT` if there is one. Calls are limited per secret; those without one,
 * or with a wrong one, per address and apart, so that no stranger uses up what operators have.
 */
async function internal(app: FastifyInstance, { secrets }: Static<typeof Options>): Promise<void> {
  const secretOf = authorization(secrets)
  app.decorate('internal', async (routes) => {
    await app.admin.register(
      async (scope) => {
        app.limits.internal.guard(scope, async (request) => `secret ${secretOf(request)}`)
        scope.acceptNoBody()
        await routes(scope)
      },
      { prefix: '/internal' },
    )
  })
}

/** Whom the audit names for a request to `/internal`. */
export function byOf({ ip }: FastifyRequest): By {
  return { actor: 'internal', ip }
}

/** Tells the place of the secret that a request has. @throws CodedError `internal_auth_missing` or `internal_auth_wrong` */
function authorization(secrets: readonly string[]): (request: FastifyRequest) => number {
  const digests = secrets.map(digestOf)
  return ({ headers }) => {
    const given = /^bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1]
    if (given === undefined) throw new CodedError('internal_auth_missing')
    const digest = digestOf(given)
    // All of them, whichever matches: the time it takes says nothing.
    const matches = digests.map((one) => timingSafeEqual(one, digest))
    const place = matches.indexOf(true)
    if (place < 0) throw new CodedError('internal_auth_wrong')
    return place + 1
  }
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

export default fp(internal, {
  name: 'internal',
  fastify: '5.x',
  dependencies: ['admin', 'validation', 'rate-limit'],
})
