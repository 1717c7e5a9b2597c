import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** Whoever is still there after this is cut off. */
const patienceMs = 17_000
/** A connection that has not asked for anything by then will not: browsers and balancers open some in advance. */
const silentMs = 500
/** Who sends no more of a request for so long, or twice that, is not waited for: a server that closes does not look. */
const idleMs = 2_000

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
    setInterval(idleIn(sockets), idleMs).unref()
    setTimeout(() => cutOff(sockets.keys()), patienceMs).unref()
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
  /** With their last answers. Also those that were upgraded: the server itself forgets them. */
  readonly sockets: ReadonlyMap<Socket, ServerResponse | null>
  /** Those on which no request has come yet: the server takes them for busy ones. */
  readonly silent: ReadonlySet<Socket>
}

function openSockets({ server, admin }: FastifyInstance): OpenSockets {
  const sockets = new Map<Socket, ServerResponse | null>()
  const silent = new Set<Socket>()
  // One for all of them: sockets live long, and one each is memory.
  function forget(this: Socket): void {
    sockets.delete(this)
    silent.delete(this)
  }
  for (const each of new Set([server, admin.server])) {
    each.on('connection', (socket: Socket) => {
      sockets.set(socket, null)
      silent.add(socket)
      socket.on('close', forget)
    })
    each.on('request', ({ socket }, response) => {
      silent.delete(socket)
      sockets.set(socket, response)
    })
    each.on('upgrade', ({ socket }) => {
      silent.delete(socket)
      sockets.set(socket, null)
    })
  }
  return { sockets, silent }
}

/** Makes the answers under way the last ones. @returns what cuts those off whose clients were to speak before too */
function idleIn(sockets: OpenSockets['sockets']): () => void {
  for (const answer of sockets.values()) if (answer) answer.shouldKeepAlive = false
  let before = new Set<ServerResponse | null>()
  return () => {
    const idle = [...sockets].filter(([, answer]) => answer && isOfClient(answer))
    cutOff(idle.filter(([, answer]) => before.has(answer)).map(([socket]) => socket))
    before = new Set(idle.map(([, answer]) => answer))
  }
}

/** Whether it is the client who has to send: the rest of this request, or the next one. */
function isOfClient({ req, writableFinished }: ServerResponse): boolean {
  return !req.complete || writableFinished
}

function cutOff(sockets: Iterable<Socket>): void {
  for (const socket of sockets) socket.destroy()
}
