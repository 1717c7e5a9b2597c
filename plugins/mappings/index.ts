import fp from 'fastify-plugin'
import { openMappings, type Mappings } from '@switchhook/shared/mappings'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    mappings: Mappings
  }
}

/** `app.mappings`: which of our users a call belongs to, kept up to date with other processes. */
async function mappings(app: FastifyInstance): Promise<void> {
  const opened = await openMappings(app.store)
  app.rounds.keep({ what: 'mappings', counted: ['user_mappings'], refresh: opened.refresh })
  app.decorate('mappings', opened)
}

export default fp(mappings, { name: 'mappings', fastify: '5.x', dependencies: ['store'] })
