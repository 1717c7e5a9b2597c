import fp from 'fastify-plugin'
import { openStore, StoreOptions } from '@switchhook/shared/database'
import { roundsOf, type Rounds } from './rounds.ts'
import type { Store } from '@switchhook/shared/database'
import type { FastifyInstance } from 'fastify'

export { isPostgres, StoreOptions as Options, storeMistakes } from '@switchhook/shared/database'

declare module 'fastify' {
  interface FastifyInstance {
    store: Store
    /** What is done again and again while the app runs. */
    rounds: Omit<Rounds, 'end'>
  }
}

/** `app.store`: PostgreSQL, or the embedded store in `DATA_DIR`; closed after everything that uses it. */
async function store(app: FastifyInstance, options: StoreOptions): Promise<void> {
  const opened = await openStore(options, {
    onCrash(error) {
      // Everything durable is on disk and nothing can be committed any more: a restart is the repair.
      app.log.fatal({ err: error }, 'store failed')
      process.exit(1)
    },
    onDisconnect: (error) => app.log.warn({ err: error }, 'store connection lost'),
  })
  const rounds = roundsOf(opened, app.log)
  app.decorate('store', opened)
  app.decorate('rounds', rounds)
  app.addHook('onClose', async () => {
    await rounds.end()
    await opened.close()
  })
}

export default fp(store, { name: 'store', fastify: '5.x' })
