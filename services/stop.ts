import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** Whoever is still there after this is cut off. */
const patienceMs = 17_000

/**
 * SIGTERM and SIGINT stop gracefully: readiness off, sockets told to reconnect, requests and commits finished,
 * exit 0 within 20 s also with mute peers. A second signal ends at once.
 */
export function stopOnSignal(app: FastifyInstance): void {
  let stopping = false
  const sockets = openSockets(app)
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping) process.exit(1)
    stopping = true
    app.log.info({ signal }, 'stopping')
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

/** Also those that were upgraded: the server itself forgets them. */
function openSockets(app: FastifyInstance): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

function cutOff(sockets: ReadonlySet<Socket>): void {
  for (const socket of sockets) socket.destroy()
}
