import { formatCursor } from '@switchhook/shared/protocol'
import {
  controlFrame,
  controlText,
  liveFrame,
  liveText,
  pingFrame,
  replayFrame,
  replayText,
  type Encoded,
} from './encode.ts'

/** How frames look to a kind of client: all it gets is made here, once for each view. */
export interface Form {
  /** Clients of one feed with equal names get the same bytes. */
  readonly name: 'legacy' | 'modern' | 'event-stream'
  /** Understands heads. */
  readonly modern: boolean
  /** A sign of life. */
  readonly ping: Buffer
  /** An event of a view whose previous one was `prev`. */
  live(event: Encoded, prev: number): Buffer
  /** The same from history. */
  replay(event: Encoded, prev: number): Buffer
  /** A frame without a number. */
  control(event: string, data: object, id?: string | number): Buffer
}

const webSocket = {
  ping: pingFrame,
  live: liveFrame,
  replay: replayFrame,
  control: controlFrame,
}

/** WebSocket messages; see `Connection`. */
export const modernForm: Form = { ...webSocket, name: 'modern', modern: true }

/** The same bytes for sockets without a subprotocol (seed 001). */
export const legacyForm: Form = { ...webSocket, name: 'legacy', modern: false }

/**
 * Server-sent events (HTML standard §9.2): the JSON text of the WebSocket message as `data`, under the event's name.
 * Whatever brings the client to a number has its cursor as `id`, which the client presents when it comes back.
 */
export function eventStreamForm(epoch: string): Form {
  const block = (event: string, text: string, seq: number | null): Buffer => {
    const id = seq === null ? '' : `id: ${formatCursor({ epoch, seq })}\n`
    return Buffer.from(`${id}event: ${event}\ndata: ${text}\n\n`)
  }
  return {
    name: 'event-stream',
    modern: true,
    ping: Buffer.from(':\n\n'),
    live: (event, prev) => block(event.name, liveText(event, prev), event.seq),
    replay: (event, prev) => block(event.name, replayText(event, prev), event.seq),
    control: (event, data) => block(event, controlText(event, data), reachedBy(event, data)),
  }
}

/** The number that a control frame brings its reader to; of a snapshot only its last part does. */
function reachedBy(event: string, data: { seq?: number; to?: number; last?: boolean }) {
  if (event === 'resumed') return data.to ?? null
  return event === 'head' || (event === 'snapshot' && data.last) ? (data.seq ?? null) : null
}

/** "Your view is complete to `seq`", and `prev` was its last event: who does not have that one lost a frame. */
export function headOf(form: Form, seq: number, prev?: number): Buffer {
  return form.control('head', { seq, prev, time: new Date().toISOString() })
}
