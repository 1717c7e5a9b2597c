import fp from 'fastify-plugin'
import { openCredentials, type Credentials } from '@switchhook/shared/credentials'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    credentials: Credentials
  }
}

/** A credential that was retired by another process is refused here within a second. */
const refreshMs = 500

/** `app.credentials`: what apps' endpoints verify with, kept up to date with other processes. */
async function credentials(app: FastifyInstance): Promise<void> {
  const opened = await openCredentials(app.store, app.sealing)
  app.decorate('credentials', opened)
  let refreshing = false
  let failing = false
  const refresh = async (): Promise<void> => {
    if (refreshing) return
    refreshing = true
    try {
      await opened.refresh()
      failing = false
    } catch (error) {
      // What is in memory still holds; deliveries must go on while the store is away.
      if (!failing) app.log.warn({ err: error }, 'credentials not refreshed')
      failing = true
    } finally {
      refreshing = false
    }
  }
  // It never rejects.
  const timer = setInterval(() => void refresh(), refreshMs)
  app.addHook('onClose', async () => clearInterval(timer))
}

export default fp(credentials, {
  name: 'credentials',
  fastify: '5.x',
  dependencies: ['store', 'sealing'],
})
