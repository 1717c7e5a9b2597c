import { sipCheckRoute } from './check/index.ts'
import { Holders } from './admission/holders.ts'
import { clientConfigRoute } from './client-config.ts'
import { connecter } from './connected.ts'
import { doorOf } from './door.ts'
import { sipMetrics } from './metrics.ts'
import { Relay } from './relay/index.ts'
import { mountRegistrar } from './registrar/mount.ts'
import { registrationRoutes } from './registrar/routes.ts'
import { rest } from '../rest.ts'
import { routes } from './routes.ts'
import { openTrace, traceRoutes } from './trace/index.ts'
import { openUpstreams, upstreamsMistakes } from './upstreams/index.ts'
import type { FastifyInstance } from 'fastify'
import type { Mistake } from '@switchhook/shared/config'
import type { Options } from './config.ts'

export { Options } from './config.ts'

interface SipProxyOptions extends Options {
  /** What clients call us. */
  readonly publicUrl: string
  /** Whether other processes serve the same store. */
  readonly replicated: boolean
}

/** Mistakes that the schema of a single value cannot see, those in the file of upstreams too. */
export function sipMistakes(options: Options, replicated: boolean): Mistake[] {
  const { heartbeatSeconds, idleSeconds } = options
  const reason = `must be more than two of SIP_HEARTBEAT_SECONDS (${heartbeatSeconds})`
  const idle = { name: 'SIP_IDLE_SECONDS', reason }
  return [
    ...(idleSeconds > 2 * heartbeatSeconds ? [] : [idle]),
    ...upstreamsMistakes({ ...options, replicated }),
  ]
}

/** sip-proxy: a browser's SIP in, a PBX out; and when that fails, why. */
export default async function sipProxy(
  app: FastifyInstance,
  { publicUrl, replicated, ...options }: SipProxyOptions,
): Promise<void> {
  const { log } = app
  const metrics = sipMetrics(app.metrics)
  app.health.sockets(metrics.health)
  const upstreams = await openUpstreams(app, { ...options, replicated })
  const trace = await openTrace(app, options)
  const registrar = mountRegistrar(app)
  const relay = new Relay({
    ...options,
    heartbeatMs: options.heartbeatSeconds * 1_000,
    idleMs: options.idleSeconds * 1_000,
    onFailure: (error) => log.error({ err: error }, 'looking at sip failed'),
  })
  metrics.watch(relay)
  const holders = new Holders(app)
  app.addHook('onClose', async () => holders.stop())
  const firstApp = app.directory.firstApp.id
  const connected = connecter({ relay, registrar, trace, metrics, holders, firstApp })
  const door = doorOf(app, { options, upstreams, metrics, connected })
  await routes(app, door)
  // Behind the routes: first nobody comes any more.
  app.addHook('preClose', () => relay.drain(options.drainSeconds * 1_000))
  await sipCheckRoute(app, door)
  await clientConfigRoute(app, { ...options, upstreams, publicUrl })
  await rest(app, (scope) => traceRoutes(scope, { app, trace }))
  await rest(app, (scope) => registrationRoutes(scope, registrar))
}
