import type { IncomingMessage } from 'node:http'
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify'
import { problemOf } from '@switchhook/plugins/problem'
import { CodedError } from '@switchhook/shared/errors'

interface ServerOptions {
  readonly log: (FastifyServerOptions['logger'] & {}) | FastifyBaseLogger
  /** CIDRs of the proxies in front. */
  readonly trustProxy: readonly string[]
}

/** An HTTP server with the limits of the suite: nothing a client does or leaves undone holds it up. */
export function createServer({ log, trustProxy }: ServerOptions): FastifyInstance {
  const app = Fastify({
    ...(isOpen(log) ? { loggerInstance: log } : { logger: log }),
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    forceCloseConnections: 'idle',
    // Also of what is done at the end: longer than sockets may take to move.
    pluginTimeout: 25_000,
    // The three belong together: without the others a stalled request stays open, Node looks only now and then.
    requestTimeout: 10_000,
    http: { headersTimeout: 8_000, connectionsCheckingInterval: 1_000, shouldUpgradeCallback },
    // Above the usual 60 s of balancers, so that they and not we drop idle connections.
    keepAliveTimeout: 72_000,
    maxRequestsPerSocket: 1_000,
    // Ids of calls are the providers' own.
    routerOptions: { maxParamLength: 512 },
    frameworkErrors: refuse,
  })
  app.server.maxHeadersCount = 100
  return app
}

/** A log that is written to, rather than what one is made with. */
function isOpen(log: ServerOptions['log']): log is FastifyBaseLogger {
  return typeof log === 'object' && 'child' in log
}

/** Other upgrades, such as the h2c some clients offer by default, are ignored (RFC 9110 §7.8). */
function shouldUpgradeCallback({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

/** What cannot even be routed. No hook runs here, so an upgraded socket has nobody else to end it. */
function refuse(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const { socket } = request.raw
  if (request.headers.upgrade !== undefined) reply.raw.once('finish', () => socket.destroySoon())
  const coded = new CodedError('bad_request', { args: [error.message] })
  reply
    .code(coded.statusCode)
    .headers({ connection: 'close', 'content-type': 'application/problem+json' })
    .send(JSON.stringify(problemOf(coded, request.id)))
}
