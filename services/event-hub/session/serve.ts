import { Session, type Hello } from './index.ts'
import type { FastifyBaseLogger } from 'fastify'
import type { Principal } from '@switchhook/plugins/auth'
import type { Connection } from '../transports/websocket.ts'
import type { Hub, Lease } from '../hub.ts'
import type { HubMetrics } from '../metrics.ts'
import type { Options } from '../config.ts'

/** What a socket meets when it comes in. */
export interface Door {
  readonly hub: Hub
  readonly limits: Options
  readonly metrics: HubMetrics
  readonly log: FastifyBaseLogger
}

interface Guest extends Hello {
  readonly connection: Connection
  readonly principal: Principal
}

/** Serves one admitted socket from its first frame to its close. */
export async function serve(door: Door, guest: Guest): Promise<void> {
  const { hub, limits, metrics, log } = door
  const { connection, principal } = guest
  const { socket } = connection
  const clientId = nextClientId(principal.user)
  let session: Session | undefined
  let lease: Lease | undefined

  const failed = (error: unknown): void => {
    log.error({ err: error, client: clientId }, 'session failed')
    metrics.failed()
    connection.close('internal', `internal ${clientId}`)
  }
  // Listeners before the first await, and nothing is read until there is a session to read it.
  socket.pause()
  socket.on('pong', () => (connection.lastSeen = Date.now()))
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    connection.lastSeen = Date.now()
    if (data.length > limits.messageBytes) {
      return connection.close('tooLarge', `too_large ${limits.messageBytes}`)
    }
    session?.receive(data, isBinary).catch(failed)
  })
  metrics.opened()
  socket.once('close', (code) => {
    metrics.closed(connection.closedWith ?? code)
    session?.end()
    if (session) hub.remove(session)
    lease?.release()
  })

  try {
    lease = await hub.acquire(principal.app)
    if (socket.readyState === socket.CLOSED) return lease.release()
    session = new Session({ connection, principal, clientId, feed: lease.feed, limits })
    hub.add(session)
    const started = session.start(guest)
    socket.resume()
    await started
  } catch (error) {
    failed(error)
  }
}

let lastMillis = 0
let sameMillis = 0

/** Seed 001's form `user-millis`; a second one in the same millisecond gets a suffix. */
function nextClientId(user: string): string {
  const millis = Date.now()
  sameMillis = millis === lastMillis ? sameMillis + 1 : 0
  lastMillis = millis
  return sameMillis === 0 ? `${user}-${millis}` : `${user}-${millis}-${sameMillis}`
}
