import Fastify, { type FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Type, type Static } from 'typebox'

export const Options = Type.Object({
  port: Type.Optional(
    Type.Integer({
      env: 'ADMIN_PORT',
      minimum: 0,
      maximum: 65535,
      description: '`/metrics` and `/internal/*` listen here instead of on `PORT`.',
      example: '9100',
    }),
  ),
})

declare module 'fastify' {
  interface FastifyInstance {
    /** Where operators' routes are registered: this server, or one of its own on `ADMIN_PORT`. */
    admin: FastifyInstance
  }
}

/** What the composition hands over. */
interface Parts {
  readonly host: string
  /** Makes a server with the limits and the log of the main one; without it, a plain one. */
  readonly create?: () => FastifyInstance
}

/** Gives operators' routes a port of their own when one is configured. */
async function admin(
  app: FastifyInstance,
  { port, host, create = () => Fastify() }: Static<typeof Options> & Parts,
): Promise<void> {
  if (port === undefined) {
    app.decorate('admin', app)
    return
  }
  const own = create()
  app.decorate('admin', own)
  // Before the main port: a process without its metrics must not call itself ready.
  app.addHook('onReady', async () => {
    await own.listen({ host, port })
  })
  app.addHook('onClose', () => own.close())
}

export default fp(admin, { name: 'admin', fastify: '5.x' })
