import { appRoutes } from './apps/list.ts'
import { providerRoutes } from './apps/providers.ts'
import { consolePage } from './console.ts'
import { Hub } from './hub.ts'
import { hubMetrics } from './metrics.ts'
import { routes } from './routes.ts'
import type { FastifyInstance } from 'fastify'
import type { Options } from './config.ts'

export { Options } from './config.ts'

/** event-hub: journal and bus in, browsers out; each event once, in order, or an explicit word that it cannot be. */
export default async function eventHub(app: FastifyInstance, limits: Options): Promise<void> {
  const { journal, bus, log } = app
  const metrics = hubMetrics(app.metrics)
  app.health.sockets(metrics.sockets)
  const hub = new Hub({
    journal,
    bus,
    limits,
    onError: (error) => log.error({ err: error }, 'feed failed'),
  })
  app.addHook('preClose', () => hub.close('restart', 'restart 1000'))
  routes(app, { hub, limits, metrics, log })
  await app.internal((scope) => {
    appRoutes(scope, app)
    providerRoutes(scope, app)
  })
  await consolePage(app)
}
