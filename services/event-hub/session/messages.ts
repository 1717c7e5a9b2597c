import { parseCursor, type ClientMessage } from '@switchhook/shared/protocol'
import { CodedError } from '@switchhook/shared/errors'
import type { Session } from './index.ts'

type Handler = (session: Session, message: ClientMessage) => void | Promise<void>

/** What a client may say, one handler per `type`. */
const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['ping', ping],
  ['resume', resume],
  ['snapshot', snapshot],
])

/** Seed 001's shape to the letter; `t` comes back for those who measure. */
function ping(session: Session, { data }: ClientMessage): void {
  const t = data?.['t']
  session.send('pong', { timestamp: Date.now(), ...(typeof t === 'number' && { t }) })
}

async function resume(session: Session, { data }: ClientMessage): Promise<void> {
  const cursor = data?.['cursor']
  if (typeof cursor !== 'string' || !parseCursor(cursor)) {
    throw new CodedError('bad_cursor', { args: [String(cursor)] })
  }
  await session.rejoin(cursor)
}

async function snapshot(session: Session): Promise<void> {
  await session.rejoin()
}

/** Hands a message to the handler of its type. @throws CodedError `unknown_type`, or what the handler refuses */
export async function handle(session: Session, message: ClientMessage): Promise<void> {
  const handler = handlers.get(message.type)
  if (!handler) throw new CodedError('unknown_type', { args: [message.type.slice(0, 64)] })
  await handler(session, message)
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
