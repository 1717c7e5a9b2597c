import cors from '@switchhook/plugins/cors'
import { openClaims } from '@switchhook/shared/claims'
import { apiKeyRoutes } from './access/api-keys.ts'
import { revocationRoutes } from './access/revocations.ts'
import { ticketRoutes } from './access/tickets.ts'
import { auditRoutes } from './apps/audit.ts'
import { providerRoutes } from './apps/providers.ts'
import { appRoutes } from './apps/routes.ts'
import { asyncapiRoute } from './asyncapi/index.ts'
import { callRoutes } from './calls/index.ts'
import { ClaimDesk } from './claims.ts'
import { consolePage } from './console.ts'
import { doorOf } from './door.ts'
import { Reader } from './feed/reader.ts'
import { Hub } from './hub.ts'
import { seeProviderUsers, type ProviderUsersSeen } from './mappings/provider-users.ts'
import { userMappingRoutes } from './mappings/routes.ts'
import { hubMetrics } from './metrics.ts'
import { hubCheckRoute } from './origins/check.ts'
import { originRoutes } from './origins/list.ts'
import { mountPresence } from './presence/mount.ts'
import { presenceRoutes } from './presence/routes.ts'
import { learnStatus } from './presence/provider-status.ts'
import { Silence, tellSilence } from './silence.ts'
import { publishRoute } from './publish/routes.ts'
import { rest } from '../rest.ts'
import { routes } from './routes.ts'
import { sdk } from './sdk.ts'
import { catchUpRoute } from './transports/catch-up.ts'
import { Waits } from './transports/catch-up-waits.ts'
import { eventStreamRoute } from './transports/sse-route.ts'
import { voicemailRoutes } from './voicemails/routes.ts'
import type { FastifyInstance } from 'fastify'
import type { Options } from './config.ts'

export { Options } from './config.ts'

interface HubOptions extends Options {
  /** Whether other processes serve the same store: clients have somewhere to go when this one stops. */
  readonly replicated: boolean
  /** What clients call us. */
  readonly publicUrl: string
}

/** event-hub: journal and bus in, browsers out; each event once, in order, or an explicit word that it cannot be. */
export default async function eventHub(
  app: FastifyInstance,
  { replicated, publicUrl, ...limits }: HubOptions,
): Promise<void> {
  const { journal, bus, mappings, log } = app
  const metrics = hubMetrics(app.metrics)
  app.health.sockets(metrics.sockets)
  const failed = (error: unknown): void => log.error({ err: error }, 'feed failed')
  const presence = await mountPresence(app, limits)
  const silence = new Silence()
  const users = seeProviderUsers(app)
  const claims = new ClaimDesk(openClaims(app.store), failed)
  const hub = new Hub({
    journal,
    bus,
    mappings,
    limits,
    replicated,
    eachRound: (work) => app.rounds.each(work),
    reader: new Reader(),
    presence,
    revoked: (principal) => app.revoked(principal),
    accessRevision: () => app.accessRevision,
    onEvent(event) {
      metrics.sent(event)
      learnStatus(presence, event)
      claims.learn(event)
      users.learn(event)
      silence.learn(event)
    },
    onWrite: metrics.wrote,
    onError: failed,
  })
  metrics.watch(hub)
  tellSilence(app, silence, hub)
  app.health.add('feed', { needed: true, probe: async () => hub.assertAdvancing() })
  const waits = new Waits(limits)
  // Before the hub: while clients move, requests that wait are answered.
  app.addHook('preClose', async () => waits.close())
  app.addHook('preClose', () => hub.close())
  const door = doorOf(app, { hub, limits, metrics, presence, claims })
  routes(app, door)
  await hubCheckRoute(app, hub)
  await asyncapiRoute(app, { publicUrl, limits })
  await app.register(async (streams) => {
    await streams.register(cors)
    eventStreamRoute(streams, door)
  })
  await rest(app, async (scope) => {
    await ticketRoutes(scope)
    callRoutes(scope, app)
    voicemailRoutes(scope, app)
    catchUpRoute(scope, { hub, waits })
    publishRoute(scope, app)
    presenceRoutes(scope, presence)
  })
  await app.internal((scope) => operatorRoutes(scope, { app, users }))
  await consolePage(app)
  await sdk(app)
}

/** `/internal/*`: who exists, who may come in, who is who, and who was refused. */
function operatorRoutes(
  scope: FastifyInstance,
  { app, users }: { readonly app: FastifyInstance; readonly users: ProviderUsersSeen },
): void {
  appRoutes(scope, app)
  apiKeyRoutes(scope, app)
  auditRoutes(scope, app)
  providerRoutes(scope, app)
  userMappingRoutes(scope, { app, users })
  revocationRoutes(scope, app)
  originRoutes(scope, app)
}
