import { groupCommit } from './commit.ts'
import { ingestMetrics } from './metrics.ts'
import { pipeline } from './pipeline.ts'
import { keepRawBodies } from './receive.ts'
import { routes } from './routes.ts'
import { sourcesOf } from './verify.ts'
import type { Sealing } from '@switchhook/shared/sealing'
import type { FastifyInstance } from 'fastify'
import type { Options } from './config.ts'

export { credentialMistakes, Options } from './config.ts'

/** What the composition hands over besides the configuration. */
interface Parts {
  readonly sealing: Sealing
  /** The clock signatures are judged by, Unix milliseconds. */
  readonly now?: () => number
}

/** webhook-ingest: a provider's webhook in; verified, deduplicated, normalised, numbered, on disk before the 2xx. */
export default async function webhookIngest(
  app: FastifyInstance,
  { sealing, now = Date.now, ...options }: Options & Parts,
): Promise<void> {
  const metrics = ingestMetrics(app.metrics)
  const commit = groupCommit(app.journal, {
    onBatch: metrics.batch,
    onFailure: (error) => app.log.error({ err: error }, 'commit failed'),
  })
  const ingest = pipeline({ sealing, commit, bus: app.bus, now })
  await app.register(async (scope) => {
    keepRawBodies(scope)
    routes(scope, { bodyLimit: options.bodyLimit, sources: sourcesOf(options), ingest, metrics })
  })
}
