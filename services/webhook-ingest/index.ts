import { groupCommit } from './commit.ts'
import { configuredFor, type Options } from './config.ts'
import { endpointsOf } from './endpoints.ts'
import { limitUnverified } from './limit.ts'
import { ingestMetrics } from './metrics.ts'
import { pipeline } from './pipeline.ts'
import { keepRawBodies } from './receive.ts'
import { routes } from './routes.ts'
import { providers } from '@switchhook/shared/providers'
import type { FastifyInstance } from 'fastify'

export { credentialMistakes, Options } from './config.ts'

/** What the composition hands over besides the configuration. */
interface Parts {
  /** What clients and providers call us. */
  readonly publicUrl: string
  /** The clock signatures are judged by, Unix milliseconds. */
  readonly now?: () => number
}

/** webhook-ingest: a provider's webhook in; verified, deduplicated, normalised, numbered, on disk before the 2xx. */
export default async function webhookIngest(
  app: FastifyInstance,
  { publicUrl, now = Date.now, ...options }: Options & Parts,
): Promise<void> {
  const { sealing, bus } = app
  const metrics = ingestMetrics(app.metrics)
  const commit = groupCommit(app.journal, {
    onBatch: metrics.batch,
    onFailure: (error) => app.log.error({ err: error }, 'commit failed'),
  })
  const endpoints = endpointsOf({
    firstApp: app.directory.firstApp.id,
    environment: Object.fromEntries(
      providers.map((provider) => [provider.name, configuredFor(options, provider)]),
    ),
    credentials: app.credentials,
    onUnusable: (endpoint, error) =>
      app.log.error({ ...endpoint, err: error }, 'stored credentials not usable'),
  })
  const ingest = pipeline({
    sealing,
    commit,
    bus,
    publicUrl: publicUrl.replace(/\/+$/, ''),
    now,
    onProven: metrics.proven,
    answer: async () => null,
  })
  const limit = limitUnverified(app, options.unverifiedPerMinute)
  await app.register(async (scope) => {
    keepRawBodies(scope)
    routes(scope, { bodyLimit: options.bodyLimit, endpoints, limit, ingest, metrics })
  })
}
