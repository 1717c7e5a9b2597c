import {
  parseCursor,
  type ClientMessage,
  type ControlFrames,
  type ControlName,
} from '@switchhook/shared/protocol'
import { CodedError } from '@switchhook/shared/errors'

/** Who sent the message, as far as answering it needs to know. */
interface Speaker {
  send<Name extends ControlName>(event: Name, data: ControlFrames[Name]): void
  /** Continues from a cursor, or from a snapshot without one. */
  rejoin(cursor?: string): Promise<void>
}

type Handler = (speaker: Speaker, message: ClientMessage) => void | Promise<void>

/** What a client may say, one handler per `type`. */
const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['ping', ping],
  ['resume', resume],
  ['snapshot', snapshot],
])

/** Seed 001's shape to the letter; `t` comes back for those who measure. */
function ping(speaker: Speaker, { data }: ClientMessage): void {
  const t = data?.['t']
  speaker.send('pong', { timestamp: Date.now(), ...(typeof t === 'number' && { t }) })
}

async function resume(speaker: Speaker, { data }: ClientMessage): Promise<void> {
  const cursor = data?.['cursor']
  if (typeof cursor !== 'string' || !parseCursor(cursor)) {
    throw new CodedError('bad_cursor', { args: [String(cursor)] })
  }
  await speaker.rejoin(cursor)
}

async function snapshot(speaker: Speaker): Promise<void> {
  await speaker.rejoin()
}

/** Hands a message to the handler of its type. @throws CodedError `unknown_type`, or what the handler refuses */
export function handle(speaker: Speaker, message: ClientMessage): void | Promise<void> {
  const handler = handlers.get(message.type)
  if (!handler) throw new CodedError('unknown_type', { args: [message.type.slice(0, 64)] })
  return handler(speaker, message)
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
