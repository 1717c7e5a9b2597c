import fp from 'fastify-plugin'
import { Type, type Static } from 'typebox'
import { openEmbedded } from '@switchhook/shared/database'
import type { Store } from '@switchhook/shared/database'
import type { FastifyInstance } from 'fastify'

export const Options = Type.Object({
  dataDir: Type.String({
    env: 'DATA_DIR',
    default: '.data',
    description:
      'Embedded store and generated secrets; relative to the workspace root. One process owns it.',
  }),
})

declare module 'fastify' {
  interface FastifyInstance {
    store: Store
  }
}

/** `app.store`: the embedded store in `DATA_DIR`, closed after everything that uses it. */
async function store(app: FastifyInstance, { dataDir }: Static<typeof Options>): Promise<void> {
  const opened = await openEmbedded({
    dataDir,
    onCrash(error) {
      // Everything durable is on disk and nothing can be committed any more: a restart is the repair.
      app.log.fatal({ err: error }, 'store failed')
      process.exit(1)
    },
  })
  app.decorate('store', opened)
  app.addHook('onClose', () => opened.close())
}

export default fp(store, { name: 'store', fastify: '5.x' })
