import { CodedError } from '@switchhook/shared/errors'
import { nextClientId } from './greeting.ts'
import { Session, type Hello } from './index.ts'
import { firstAuth } from './first-auth.ts'
import { notify } from './notices.ts'
import type { FastifyBaseLogger } from 'fastify'
import type { Principal } from '@switchhook/plugins/auth'
import type { Claims } from '@switchhook/shared/claims'
import type { Connection } from '../transports/websocket.ts'
import type { Hub, Lease } from '../hub.ts'
import type { HubMetrics } from '../metrics.ts'
import type { Options } from '../config.ts'
import type { Presence } from '../presence/index.ts'

/** What a socket meets when it comes in. */
export interface Door {
  readonly hub: Hub
  readonly limits: Options
  readonly metrics: HubMetrics
  readonly log: FastifyBaseLogger
  readonly presence: Presence
  readonly claims: Claims
  /** A name of this process. */
  readonly node: string
  /** @throws CodedError `auth_invalid`, `auth_expired` */
  verifyToken(token: string): Promise<Principal>
  /** A session's work failed on our side: it is logged, and the socket closed. */
  failed(connection: Connection, error: unknown): void
}

/** What a page is told about where it comes from. */
export interface DeprecatedOrigin {
  readonly origin: string
  readonly until: string
  readonly successor: string | null
}

export interface Guest extends Hello {
  readonly connection: Connection
  /** Null: the client will say who it is in its first message. */
  readonly principal: Principal | null
  readonly deprecated: DeprecatedOrigin | null
}

/** A socket with what serves it, so that one listener does for all of them. */
type Served = Connection['socket'] & { [served]?: Serving }

interface Serving {
  readonly door: Door
  readonly connection: Connection
  session: Session | null
  lease: Lease | null
}

const served = Symbol('served')

/** Serves one admitted socket from its first frame to its close. */
export async function serve(door: Door, guest: Guest): Promise<void> {
  const { connection } = guest
  const socket: Served = connection.socket
  const serving: Serving = { door, connection, session: null, lease: null }
  socket[served] = serving
  // Listeners before the first await, and nothing is read until there is somebody to read it.
  socket.pause()
  socket.on('pong', onPong)
  socket.once('close', onClose)
  door.metrics.opened()
  try {
    const principal = guest.principal ?? (await firstAuth(door, connection))
    if (principal && connection.open) await welcome(serving, guest, principal)
  } catch (error) {
    if (error instanceof CodedError && error.code === 'too_many_sockets') {
      return connection.close('rate', 'sockets')
    }
    door.failed(connection, error)
  }
}

async function welcome(serving: Serving, guest: Guest, principal: Principal): Promise<void> {
  const { door, connection } = serving
  const { socket } = connection
  serving.lease = await door.hub.acquire(principal)
  if (!connection.open) return serving.lease.release()
  const { feed } = serving.lease
  const clientId = nextClientId(principal.user)
  const session = new Session({ door, connection, principal, clientId, feed })
  serving.session = session
  door.hub.add(session)
  socket.on('message', onMessage)
  const started = session.start(guest)
  notify(session, guest)
  if (principal.credential === 'token') {
    const agent = { id: principal.sub, name: principal.user }
    session.onEnd(door.presence.enter(principal.app, agent))
  }
  socket.resume()
  await started
}

function onPong(this: Served): void {
  this[served]!.connection.lastSeen = Date.now()
}

function onMessage(this: Served, data: Buffer, isBinary: boolean): void {
  const { door, connection, session } = this[served]!
  connection.lastSeen = Date.now()
  const { messageBytes } = door.limits
  if (data.length > messageBytes) return connection.close('tooLarge', `too_large ${messageBytes}`)
  session!.receive(data, isBinary).catch((error: unknown) => door.failed(connection, error))
}

function onClose(this: Served, code: number): void {
  const { door, connection, session, lease } = this[served]!
  door.metrics.closed(connection.closedWith ?? code)
  if (session) door.hub.remove(session)
  session?.end()
  lease?.release()
}
