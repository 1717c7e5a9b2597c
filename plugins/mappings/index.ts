import fp from 'fastify-plugin'
import { openMappings, type Mappings } from '@switchhook/shared/mappings'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    mappings: Mappings
  }
}

/** `app.mappings`: which of our users a call belongs to. Whoever shows calls refreshes it. */
async function mappings(app: FastifyInstance): Promise<void> {
  app.decorate('mappings', await openMappings(app.store))
}

export default fp(mappings, { name: 'mappings', fastify: '5.x', dependencies: ['store'] })
