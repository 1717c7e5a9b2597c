import fp from 'fastify-plugin'
import { openJournal, type Journal } from '@switchhook/shared/journal'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    journal: Journal
  }
}

/** `app.journal`: the durable event log. (`app.log` is pino.) */
async function journal(app: FastifyInstance): Promise<void> {
  const opened = await openJournal(app.store)
  app.decorate('journal', opened)
  app.health.add('store', {
    needed: true,
    probe: async () => {
      await opened.heads([])
    },
  })
}

export default fp(journal, { name: 'journal', fastify: '5.x', dependencies: ['store', 'health'] })
