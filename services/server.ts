import Fastify, { LogController, type FastifyInstance, type FastifyServerOptions } from 'fastify'

interface ServerOptions {
  readonly log: FastifyServerOptions['logger'] & {}
  /** CIDRs of the proxies in front. */
  readonly trustProxy: readonly string[]
}

/** An HTTP server with the limits of the suite: nothing a client does or leaves undone holds it up. */
export function createServer({ log, trustProxy }: ServerOptions): FastifyInstance {
  const app = Fastify({
    logger: log,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    forceCloseConnections: 'idle',
    // The three belong together: without the others a stalled request stays open, Node looks only now and then.
    requestTimeout: 10_000,
    http: { headersTimeout: 8_000, connectionsCheckingInterval: 1_000 },
    // Above the usual 60 s of balancers, so that they and not we drop idle connections.
    keepAliveTimeout: 72_000,
    maxRequestsPerSocket: 1_000,
    routerOptions: { maxParamLength: 100 },
  })
  app.server.maxHeadersCount = 100
  return app
}
