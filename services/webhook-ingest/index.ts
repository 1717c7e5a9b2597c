import { openDeliveries } from '@switchhook/shared/journal'
import { providers } from '@switchhook/shared/providers'
import { answering } from './answer/index.ts'
import { takeCare, watch } from './care/index.ts'
import { groupCommit, type Commit } from './commit.ts'
import { configuredFor, type Options } from './config.ts'
import { connectDialpad } from './connections/index.ts'
import { replayRoutes } from './deliveries/replay.ts'
import { deliveryRoutes } from './deliveries/routes.ts'
import { endpointsOf, type Configured } from './endpoints.ts'
import { limitUnverified } from './limit.ts'
import { ingestMetrics, type IngestMetrics } from './metrics.ts'
import { pipeline } from './pipeline.ts'
import { keepRawBodies } from './receive.ts'
import { routes } from './routes.ts'
import { openStandIn } from './stand-in.ts'
import type { FastifyInstance } from 'fastify'

export { ingestMistakes, Options } from './config.ts'

/** What the composition hands over besides the configuration. */
interface Parts {
  /** What clients and providers call us. */
  readonly publicUrl: string
  /** Where the spool lies. */
  readonly dataDir: string
  /** The clock signatures are judged by, Unix milliseconds. */
  readonly now?: () => number
}

type Given = Options & Required<Parts>

/** webhook-ingest: a provider's webhook in; verified, deduplicated, normalised, numbered, on disk before the 2xx. */
export default async function webhookIngest(
  app: FastifyInstance,
  options: Options & Parts,
): Promise<void> {
  const given: Given = {
    now: Date.now,
    ...options,
    publicUrl: options.publicUrl.replace(/\/+$/, ''),
  }
  const metrics = ingestMetrics(app.metrics)
  const commit = await openCommit(app, given, metrics)
  await takeWebhooks(app, given, { commit, metrics })
  const { publicUrl, now } = given
  const deliveries = openDeliveries(app.store)
  await app.internal((scope) => {
    deliveryRoutes(scope, { app, deliveries })
    replayRoutes(scope, { app, deliveries })
  })
  await connectDialpad(app, { config: given.connections, publicUrl, now })
  takeCare(app, { deliveries, options: given, now })
}

/** The way into the journal, with the spool beside it. */
async function openCommit(
  app: FastifyInstance,
  { dataDir, spoolLimit: limit }: Given,
  metrics: IngestMetrics,
): Promise<Commit> {
  const commit = groupCommit(app.journal, {
    standIn: await openStandIn(app, { dataDir, limit }),
    onBatch: metrics.batch,
    onFailure: (error) => app.log.error({ err: error }, 'commit failed'),
  })
  app.addHook('onClose', () => commit.close())
  return commit
}

/** The webhook routes, in a scope whose bodies stay as they came. */
async function takeWebhooks(
  app: FastifyInstance,
  given: Given,
  { commit, metrics }: { commit: Commit; metrics: IngestMetrics },
): Promise<void> {
  const { publicUrl, now, bodyLimit, unverifiedPerMinute } = given
  const { sealing, bus, log, credentials, directory } = app
  const answers = answering(given.answer, { log, metrics: app.metrics })
  app.addHook('onClose', () => answers.close())
  const environment: Record<string, Configured> = Object.fromEntries(
    providers.map((provider) => [provider.name, configuredFor(given, provider)]),
  )
  const endpoints = endpointsOf({
    firstApp: directory.firstApp.id,
    environment,
    credentials,
    onUnusable: (endpoint, error) =>
      log.error({ ...endpoint, err: error }, 'stored credentials not usable'),
  })
  const observe = watch(app, { silenceMs: given.silenceMinutes * 60_000, environment, now })
  const ingest = pipeline({
    sealing,
    commit,
    bus,
    publicUrl,
    now,
    onProven(endpoint, proof, nowMs) {
      metrics.proven(endpoint, proof, nowMs)
      observe(endpoint, proof, nowMs)
    },
    onConflict(provider, delivery) {
      metrics.conflict(provider)
      log.warn({ provider, delivery }, 'delivery contradicts another one')
    },
    answer: answers.answer,
  })
  const limit = limitUnverified(app, unverifiedPerMinute)
  await app.register(async (scope) => {
    keepRawBodies(scope, bodyLimit)
    routes(scope, { endpoints, limit, ingest, metrics })
  })
}
