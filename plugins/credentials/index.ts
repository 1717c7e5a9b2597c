import fp from 'fastify-plugin'
import { openCredentials, type Credentials } from '@switchhook/shared/credentials'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    credentials: Credentials
  }
}

/** `app.credentials`: what apps' endpoints verify with, kept up to date with other processes. */
async function credentials(app: FastifyInstance): Promise<void> {
  const opened = await openCredentials(app.store, app.sealing)
  app.decorate('credentials', opened)
  // Those in memory hold while the store is away: deliveries must go on.
  app.rounds.keep({
    what: 'credentials',
    counted: ['provider_credentials'],
    refresh: opened.refresh,
  })
}

export default fp(credentials, {
  name: 'credentials',
  fastify: '5.x',
  dependencies: ['store', 'sealing'],
})
