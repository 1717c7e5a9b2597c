import { CodedError } from '@switchhook/shared/errors'
import { nextClientId } from './greeting.ts'
import { Session, type Hello } from './index.ts'
import { firstAuth } from './first-auth.ts'
import { Inbox, type Message } from './inbox.ts'
import { notify, type DeprecatedOrigin } from './notices.ts'
import type { Principal } from '@switchhook/plugins/auth'
import type { Door, Lease } from './door.ts'
import type { Connection } from '../transports/websocket.ts'

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
  readonly inbox: Inbox
  session: Session | null
  lease: Lease | null
}

const served = Symbol('served')

/** Serves one admitted socket from its first frame to its close. */
export async function serve(door: Door, guest: Guest): Promise<void> {
  const { connection } = guest
  const socket: Served = connection.socket
  const serving: Serving = { door, connection, inbox: new Inbox(), session: null, lease: null }
  socket[served] = serving
  // The one that is there keeps the request for as long as the socket lives.
  socket.removeAllListeners('error')
  socket.on('error', onError)
  // Listeners before the first await.
  socket.on('pong', onPong)
  socket.on('message', onMessage)
  socket.once('close', onClose)
  door.metrics.opened()
  door.hub.expect(connection)
  try {
    const principal = guest.principal ?? (await firstAuth(door, connection, serving.inbox))
    if (principal && connection.open) await welcome(serving, guest, principal)
  } catch (error) {
    if (error instanceof CodedError && error.code === 'too_many_sockets') {
      return connection.close('rate', 'sockets')
    }
    door.failed(connection, error)
  }
}

async function welcome(serving: Serving, guest: Guest, principal: Principal): Promise<void> {
  const { door, connection, inbox } = serving
  // Nothing more is read until there is somebody to read it.
  connection.socket.pause()
  const lease = await door.hub.acquire(principal)
  if (!connection.open) return lease.release()
  serving.lease = lease
  const clientId = nextClientId(principal.user)
  const session = new Session({ door, connection, principal, clientId, feed: lease.feed })
  serving.session = session
  door.hub.unexpect(connection)
  door.hub.add(session)
  const started = session.start(guest)
  notify(session, guest.deprecated)
  if (principal.credential === 'token') {
    const agent = { id: principal.sub, name: principal.user }
    session.onEnd(door.presence.enter(principal.app, agent))
  }
  for (const message of inbox.rest()) receive(serving, message)
  connection.socket.resume()
  await started
}

function receive({ door, connection, session }: Serving, { data, isBinary }: Message): void {
  session!.receive(data, isBinary).catch((error: unknown) => door.failed(connection, error))
}

/** What is no WebSocket frame; `ws` closes the socket with the code for it. */
function onError(this: Served, error: Error): void {
  this[served]!.door.log.debug({ err: error }, 'socket failed')
}

function onPong(this: Served): void {
  this[served]!.connection.lastSeen = Date.now()
}

function onMessage(this: Served, data: Buffer, isBinary: boolean): void {
  const serving = this[served]!
  const { door, connection, inbox, session } = serving
  // A peer may go on talking until it has confirmed the close; nobody listens.
  if (!connection.open) return
  connection.lastSeen = Date.now()
  const { messageBytes } = door.limits
  if (data.length > messageBytes) return connection.close('tooLarge', `too_large ${messageBytes}`)
  if (session) receive(serving, { data, isBinary })
  else if (!inbox.put({ data, isBinary })) connection.close('rate', 'rate 1000')
}

function onClose(this: Served, code: number): void {
  const { door, connection, inbox, session, lease } = this[served]!
  door.hub.unexpect(connection)
  inbox.end()
  door.metrics.closed(connection.closedWith ?? code)
  if (session) door.hub.remove(session)
  session?.end()
  lease?.release()
}
