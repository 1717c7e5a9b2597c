import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** Whoever is still there after this is cut off. */
const patienceMs = 17_000
/** A connection that has not asked for anything by then will not: browsers and balancers open some in advance. */
const silentMs = 500

/**
 * SIGTERM and SIGINT stop gracefully: readiness off, sockets told to reconnect, requests and commits finished,
 * exit 0 within 20 s also with mute peers. A second signal ends at once.
 */
export function stopOnSignal(app: FastifyInstance): void {
  let stopping = false
  const { sockets, silent } = openSockets(app)
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping) process.exit(1)
    stopping = true
    app.log.info({ signal }, 'stopping')
    setTimeout(() => cutOff(silent), silentMs).unref()
    setTimeout(() => cutOff(sockets), patienceMs).unref()
    await app.close()
    app.log.info('stopped')
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      stop(signal).catch((error: unknown) => {
        app.log.fatal({ err: error }, 'stop failed')
        process.exit(1)
      })
    })
  }
}

interface OpenSockets {
  /** Also those that were upgraded: the server itself forgets them. */
  readonly sockets: ReadonlySet<Socket>
  /** Those on which no request has come yet: the server takes them for busy ones. */
  readonly silent: ReadonlySet<Socket>
}

function openSockets({ server }: FastifyInstance): OpenSockets {
  const sockets = new Set<Socket>()
  const silent = new Set<Socket>()
  // One for all of them: sockets live long, and one each is memory.
  function forget(this: Socket): void {
    sockets.delete(this)
    silent.delete(this)
  }
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    silent.add(socket)
    socket.on('close', forget)
  })
  const speaks = ({ socket }: IncomingMessage): void => void silent.delete(socket)
  server.on('request', speaks)
  server.on('upgrade', speaks)
  return { sockets, silent }
}

function cutOff(sockets: ReadonlySet<Socket>): void {
  for (const socket of sockets) socket.destroy()
}
