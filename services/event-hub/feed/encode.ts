import { eventName, type EventData } from '@switchhook/shared/events'
import type { JournalRow } from '@switchhook/shared/journal'

/** An event without what it says. */
export type EventHead = Omit<JournalRow, 'data'>

/** An event as bytes, but for the numbers that depend on the view. */
export interface Encoded {
  readonly seq: number
  /** What decides who may see it; the text of `data` lives on in `tail` alone. */
  readonly row: EventHead
  /** `{"event":"call-answered","seq":7,"prev":` */
  readonly head: string
  /** `,"id":…,"time":…,"call":…,"data":…}` */
  readonly tail: Buffer
}

/** Encodes an event once for all who will see it. `data` is the journal's own JSON text, never parsed here. */
export function encode(row: JournalRow): Encoded {
  const { seq, type, id, time, call, late } = row
  const lateText = late ? ',"late":true' : ''
  const data = row.data.length > largestData ? withoutDetails(row.data) : row.data
  const { data: _, ...about } = row
  return {
    seq,
    row: about,
    head: `{"event":"${eventName(type)}","seq":${seq},"prev":`,
    tail: Buffer.from(
      `,"id":${JSON.stringify(id)},"time":"${time}","call":${JSON.stringify(call)}${lateText},"data":${data}}`,
    ),
  }
}

/** No frame grows beyond 64 KiB: what is special to a huge event stays in the journal. */
const largestData = 60_000

function withoutDetails(data: string): string {
  return JSON.stringify({ ...(JSON.parse(data) as EventData), details: {}, truncated: true })
}

/** The event as one WebSocket frame of a view whose previous event was `prev`. */
export function liveFrame({ head, tail }: Encoded, prev: number): Buffer {
  return textFrame(`${head}${prev}`, tail)
}

/** The same from history. */
export function replayFrame({ head, tail }: Encoded, prev: number): Buffer {
  return textFrame(`${head}${prev},"replay":true`, tail)
}

/** A frame without a number: `{"event","data"}`. */
export function controlFrame(event: string, data: object, id?: string | number): Buffer {
  return textFrame(JSON.stringify({ event, data, id }), nothing)
}

/** "Your view is complete to `seq`." */
export function headFrame(seq: number): Buffer {
  return controlFrame('head', { seq, time: new Date().toISOString() })
}

const nothing = Buffer.alloc(0)
const finalText = 0x81

/** One unmasked final text frame (RFC 6455 §5.2), header and payload in one buffer: one write, one segment. */
function textFrame(start: string, rest: Buffer): Buffer {
  const startLength = Buffer.byteLength(start)
  const length = startLength + rest.length
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(header + length)
  frame[0] = finalText
  if (header === 2) frame[1] = length
  else if (header === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(start, header)
  rest.copy(frame, header + startLength)
  return frame
}
