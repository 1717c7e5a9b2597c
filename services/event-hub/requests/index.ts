import { CodedError } from '@switchhook/shared/errors'
import {
  clientData,
  isClientType,
  type ClientData,
  type ClientType,
} from '@switchhook/shared/messages'
import { scopesOf } from '../channels.ts'
import { claim, release } from './claims.ts'
import { history } from './history.ts'
import { presence, seen } from './presence.ts'
import { subscribe, unsubscribe } from './subscribe.ts'
import type { ClientMessage } from '@switchhook/shared/protocol'
import type { Asker, RequestId } from './contract.ts'

type Handler<Name extends ClientType> = (
  session: Asker,
  data: ClientData<Name>,
  id: RequestId,
) => void | Promise<void>

/** What a client may say, one handler per `type`. */
const handlers: { readonly [Name in ClientType]: Handler<Name> } = {
  ping,
  auth,
  subscribe,
  unsubscribe,
  resume: (session, { cursor }) => session.rejoin(cursor),
  snapshot: (session) => session.rejoin(),
  presence,
  claim,
  release,
  ack: seen,
  history,
}

/** What changes what the client sees. */
const inTurn: ReadonlySet<ClientType> = new Set([
  'auth',
  'subscribe',
  'unsubscribe',
  'resume',
  'snapshot',
] as const)

/** Seed 001's shape to the letter; `t` comes back for those who measure. */
function ping(session: Asker, { t }: ClientData<'ping'>, id: RequestId): void {
  session.send('pong', { timestamp: Date.now(), ...(typeof t === 'number' && { t }) }, id)
}

/** A fresh token on the open socket: nothing is missed, and nobody becomes somebody else. */
async function auth(session: Asker, { token }: ClientData<'auth'>, id: RequestId): Promise<void> {
  const principal = await session.door.verifyToken(token)
  const { app, sub } = session.principal
  if (principal.app !== app || principal.sub !== sub) {
    return session.close('revoked', 'forbidden')
  }
  session.send('auth', { exp: principal.exp, scopes: scopesOf(principal) }, id)
  await session.renew(principal)
}

/** Hands a message to the handler of its type. @throws CodedError `unknown_type`, or what the handler refuses */
export function handle(
  session: Asker,
  { type, data = {}, id }: ClientMessage,
): void | Promise<void> {
  if (!isClientType(type)) throw new CodedError('unknown_type', { args: [type.slice(0, 64)] })
  const handler = handlers[type] as Handler<ClientType>
  const given = clientData(type, data)
  if (!inTurn.has(type)) return handler(session, given, id)
  return session.inTurn(async () => handler(session, given, id))
}

/** Reads a client's message. @throws CodedError `bad_json` or `bad_frame` */
export function parseMessage(raw: Buffer, isBinary: boolean): ClientMessage {
  if (isBinary) throw new CodedError('bad_frame', { args: ['it is binary'] })
  let message: unknown
  try {
    message = JSON.parse(raw.toString())
  } catch (cause) {
    throw new CodedError('bad_json', { cause })
  }
  if (!isMessage(message)) throw new CodedError('bad_frame', { args: ['it has no type'] })
  return message
}

function isMessage(value: unknown): value is ClientMessage {
  if (typeof value !== 'object' || value === null) return false
  const { type, id, data } = value as Record<string, unknown>
  const idFits =
    id === undefined || typeof id === 'number' || (typeof id === 'string' && id.length <= 64)
  const dataFits = data === undefined || (typeof data === 'object' && data !== null)
  return typeof type === 'string' && idFits && dataFits
}
