import websocketServer from '@fastify/websocket'
import fp from 'fastify-plugin'
import { CodedError } from '@switchhook/shared/errors'
import { bearerPrefix, offeredProtocols } from '@switchhook/shared/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The subprotocols this WebSocket route speaks; its presence marks the route as one. */
    subprotocols?: readonly string[]
  }
}

/** Limits of one process's only WebSocket server; a route with a smaller message limit checks it itself. */
const limits = {
  maxPayload: 65_536,
  maxFragments: 64,
  maxBufferedChunks: 4_096,
  maxPendingAutoPongs: 16,
  closeTimeout: 3_000,
  perMessageDeflate: false,
  // Services keep their own sets; a second one would cost memory per socket.
  clientTracking: false,
}

/** Upgrades: one server per process, version 13 only (RFC 6455 §4.2.1), and only on routes that expect one. */
async function websocket(app: FastifyInstance): Promise<void> {
  await app.register(websocketServer, {
    options: { ...limits, handleProtocols: pickProtocol },
    // Whoever accepted a socket says goodbye to it in a preClose hook of its own.
    preClose: (done) => done(),
    errorHandler(error, socket, request) {
      request.log.warn({ err: error }, 'socket failed')
      socket.close(1011, `internal ${request.id}`)
    },
  })
  app.addHook('onRequest', async (request) => {
    const route = request.routeOptions.config.subprotocols
    if (request.ws) refuseUpgrade(request, route)
    else if (route) throw new CodedError('websocket_required', { args: [pathOf(request)] })
  })
}

function refuseUpgrade(request: FastifyRequest, route: readonly string[] | undefined): void {
  if (request.server.health.draining) throw new CodedError('shutting_down', { retryAfter: 1 })
  if (request.is404) return
  if (!route) throw new CodedError('websocket_not_here', { args: [pathOf(request)] })
  // Version 8 carries its origin in another header: it would walk around the origin check.
  if (request.headers['sec-websocket-version'] !== '13') {
    throw new CodedError('unsupported_websocket_version')
  }
  const offered = offeredProtocols(request.headers['sec-websocket-protocol'])
  if (offered.length > 0 && !offered.some((name) => route.includes(name))) {
    // An entry that carries a token is never repeated.
    const shown = offered.map((name) => (name.startsWith(bearerPrefix) ? `${bearerPrefix}…` : name))
    throw new CodedError('unsupported_subprotocol', { args: [shown.join(', '), route.join(', ')] })
  }
}

/** The first offered name that is no credential; routes have refused unknown ones before. */
function pickProtocol(offered: Set<string>): string | false {
  return [...offered].find((name) => !name.startsWith(bearerPrefix)) ?? false
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!
}

export default fp(websocket, { name: 'websocket', fastify: '5.x', dependencies: ['health'] })
