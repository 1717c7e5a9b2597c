import { registerAccess, registerBase } from '../base.ts'
import { isPostgres } from '@switchhook/plugins/store'
import eventHub from '../event-hub/index.ts'
import sipProxy from '../sip-proxy/index.ts'
import webhookIngest from '../webhook-ingest/index.ts'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'

export { Config } from './config.ts'

/** What the composition is told besides its configuration. */
interface Parts {
  readonly config: Config
  readonly publicUrl: string
  /** The clock signatures are judged by, Unix milliseconds. */
  readonly now?: () => number
}

/** The suite in one process: webhooks in on the left, frames out on the right, the journal between them; phones beside. */
export async function allInOne(
  app: FastifyInstance,
  { config, publicUrl, now }: Parts,
): Promise<void> {
  await registerBase(app, { config, service: 'all-in-one' })
  await registerAccess(app, { config, publicUrl })
  await app.register(webhookIngest, {
    ...config.webhookIngest,
    publicUrl,
    dataDir: config.store.dataDir,
    ...(now && { now }),
  })
  await app.register(eventHub, {
    ...config.eventHub,
    publicUrl,
    replicated: isPostgres(config.store),
  })
  await app.register(sipProxy, {
    ...config.sipProxy,
    publicUrl,
    replicated: isPostgres(config.store),
  })
}
