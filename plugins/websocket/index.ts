import websocketServer from '@fastify/websocket'
import fp from 'fastify-plugin'
import { CodedError } from '@switchhook/shared/errors'
import { bearerPrefix, offeredProtocols } from '@switchhook/shared/protocol'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The subprotocols this WebSocket route speaks; its presence marks the route as one. */
    subprotocols?: readonly string[]
    /**
     * The route answers the handshake by itself, and chooses the subprotocol: no WebSocket is made of it. Until it takes
     * the upgrade, what it throws or sends is the answer.
     */
    tunnel?: boolean
  }
  interface FastifyInstance {
    /** The connection of an upgrade in a `tunnel` route. */
    upgradeOf(request: FastifyRequest): Upgrade
    /** Lets go of that connection: only the route writes to it from then on. */
    takeUpgrade(request: FastifyRequest, reply: FastifyReply): void
  }
}

/** A connection whose handshake is to be answered yet. */
export interface Upgrade {
  readonly socket: Socket
  /** What came behind the request already. */
  readonly head: Buffer
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
  const agreed = new WeakMap<IncomingMessage, string>()
  const answers = new WeakMap<IncomingMessage, ServerResponse>()
  const heads = rememberHeads(app)
  const restoreTunnel = keepTunnels(app)
  await app.register(websocketServer, {
    options: { ...limits, handleProtocols: (_offered, raw) => agreed.get(raw) ?? false },
    // Whoever accepted a socket says goodbye to it in a preClose hook of its own.
    preClose: (done) => done(),
    errorHandler(error, socket, request) {
      request.log.info({ err: error }, 'socket failed')
      socket.close(1011, `internal ${request.id}`)
    },
  })
  // A server that stops answers 503 before any hook runs, and would leave the connection as it is.
  app.server.on('upgrade', (_raw: IncomingMessage, socket: Socket) => {
    if (app.health.draining) socket.destroySoon()
  })
  app.addHook('onRoute', restoreTunnel)
  app.decorate('upgradeOf', ({ raw }) => ({
    socket: raw.socket,
    head: heads.get(raw) ?? Buffer.alloc(0),
  }))
  app.decorate('takeUpgrade', ({ raw }, reply) => {
    reply.hijack()
    answers.get(raw)?.detachSocket(raw.socket)
  })
  // The handshake is over: a socket that kept request and answer would be half as large again.
  app.websocketServer.on('connection', (_socket, raw) => {
    answers.get(raw)?.detachSocket(raw.socket)
  })
  app.addHook('onRequest', async (request, reply) => {
    const { subprotocols: route, tunnel = false } = request.routeOptions.config
    try {
      if (request.ws) refuseUpgrade(request, route)
      else if (route) throw new CodedError('websocket_required', { args: [pathOf(request)] })
    } catch (error) {
      if (error instanceof CodedError && error.statusCode === 426) nameWhatIsNeeded(reply)
      throw error
    }
    if (request.ws) answers.set(request.raw, reply.raw)
    if (!request.ws || !route || tunnel) return
    const protocol = agreedOf(request, route)
    if (protocol !== undefined) agreed.set(request.raw, protocol)
  })
}

/** What comes behind a request is handed to whoever hears of the upgrade, and to nobody later. */
function rememberHeads(app: FastifyInstance): WeakMap<IncomingMessage, Buffer> {
  const heads = new WeakMap<IncomingMessage, Buffer>()
  app.server.on('upgrade', (raw: IncomingMessage, _socket: Socket, head: Buffer) => {
    if (head.length > 0) heads.set(raw, head)
  })
  return heads
}

/** @returns to be called after `@fastify/websocket` has put a handler of its own in place of a tunnel's */
function keepTunnels(app: FastifyInstance): (route: RouteOptions) => void {
  const handlers = new WeakMap<RouteOptions, RouteOptions['handler']>()
  app.addHook('onRoute', (route) => {
    if (route.config?.tunnel) handlers.set(route, route.handler)
  })
  return (route) => {
    const handler = handlers.get(route)
    if (handler) route.handler = handler
  }
}

/** RFC 9110 §15.5.22, RFC 6455 §4.4. */
function nameWhatIsNeeded(reply: FastifyReply): void {
  reply.header('upgrade', 'websocket').header('sec-websocket-version', '13')
}

function refuseUpgrade(request: FastifyRequest, route: readonly string[] | undefined): void {
  if (request.server.health.draining) throw new CodedError('shutting_down', { retryAfter: 1 })
  if (request.is404) return
  if (!route) throw new CodedError('websocket_not_here', { args: [pathOf(request)] })
  refuseRequest(request)
  refuseKey(request)
  const offered = offeredIn(request)
  if (!request.routeOptions.config.tunnel) refuseProtocols(offered, route)
}

function refuseRequest(request: FastifyRequest): void {
  const { headers, headersDistinct, httpVersion, method } = request.raw
  const { tunnel = false } = request.routeOptions.config
  // RFC 9110 §7.8: an upgrade in HTTP/1.0 counts for nothing. RFC 6455 §4.1: a HEAD, which has a route too, opens nothing.
  if (httpVersion === '1.0' || (tunnel && method !== 'GET')) {
    throw new CodedError('websocket_required', { args: [pathOf(request)] })
  }
  // Node looks after that on plain requests only (RFC 9112 §3.2).
  if (headersDistinct['host']?.length !== 1) throw malformed('Host')
  // Version 8 carries its origin in another header: it would walk around the origin check.
  if (headers['sec-websocket-version'] !== '13') {
    throw new CodedError('unsupported_websocket_version')
  }
}

/** Sixteen bytes as base64 (RFC 6455 §4.1). */
function refuseKey({ headers }: FastifyRequest): void {
  const key = headers['sec-websocket-key']
  if (key === undefined || !/^[A-Za-z\d+/]{22}==$/.test(key)) {
    throw malformed('Sec-WebSocket-Key')
  }
}

/** Different tokens. */
function offeredIn({ headers }: FastifyRequest): readonly string[] {
  const offered = offeredProtocols(headers['sec-websocket-protocol'])
  const isList = offered.every((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name))
  if (isList && new Set(offered).size === offered.length) return offered
  throw malformed('Sec-WebSocket-Protocol')
}

/** Of those that are offered, the route speaks one. */
function refuseProtocols(offered: readonly string[], route: readonly string[]): void {
  if (offered.length === 0 || offered.some((name) => route.includes(name))) return
  // An entry that carries a token is never repeated.
  const shown = offered.map((name) => (name.startsWith(bearerPrefix) ? `${bearerPrefix}…` : name))
  throw new CodedError('unsupported_subprotocol', { args: [shown.join(', '), route.join(', ')] })
}

function malformed(header: string): CodedError {
  return new CodedError('bad_request', { args: [`${header} is missing or malformed`] })
}

/** The first that both speak; what else is offered, credentials above all, is not repeated. */
function agreedOf({ headers }: FastifyRequest, route: readonly string[]): string | undefined {
  const offered = offeredProtocols(headers['sec-websocket-protocol'])
  const first = offered.find((name) => route.includes(name))
  // Ours, for theirs is a part of the header, which it would keep in memory with the token in it.
  return route.find((name) => name === first)
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!
}

export default fp(websocket, { name: 'websocket', fastify: '5.x', dependencies: ['health'] })
