import { eventName, type EventData } from '@switchhook/shared/events'
import type { JournalRow } from '@switchhook/shared/journal'

/** An event as bytes, but for the numbers that depend on the view. */
export interface Encoded {
  readonly seq: number
  /** `call-answered` */
  readonly name: string
  /** Where it is shown; what it says lives on in `tail` alone. */
  readonly channels: readonly string[]
  /** RFC 3339. */
  readonly time: string
  /** `{"event":"call-answered","seq":7,"prev":` */
  readonly head: string
  /** `,"id":…,"time":…,"call":…,"data":…}` */
  readonly tail: Buffer
}

/** Encodes an event once for all who will see it; `data` is the journal's own JSON text. */
export function encode(row: JournalRow, channels: readonly string[]): Encoded {
  const { seq, type, id, time, call, late } = row
  const lateText = late ? ',"late":true' : ''
  const data = Buffer.byteLength(row.data) > largestData ? withoutDetails(row.data) : row.data
  const name = eventName(type)
  return {
    seq,
    name,
    channels,
    time,
    head: `{"event":"${name}","seq":${seq},"prev":`,
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
export function replayFrame(event: Encoded, prev: number): Buffer {
  return textFrame(`${event.head}${prev}${replayMarks(event)}`, event.tail)
}

/** A live event as the JSON text alone, for those who get it otherwise. */
export function liveText({ head, tail }: Encoded, prev: number): string {
  return `${head}${prev}${tail.toString()}`
}

/** The same from history. */
export function replayText(event: Encoded, prev: number): string {
  return `${event.head}${prev}${replayMarks(event)}${event.tail.toString()}`
}

const ringing = new Set(['call-initiated', 'call-queued', 'call-ringing'])
/** Nothing rings longer: a telephone that begins now would ring for a call that is gone. */
const ringMs = 60_000

function replayMarks({ name, time }: Encoded): string {
  const stale = ringing.has(name) && Date.now() - Date.parse(time) > ringMs
  return stale ? ',"replay":true,"stale":true' : ',"replay":true'
}

/** A frame without a number: `{"event","data"}`. */
export function controlFrame(event: string, data: object, id?: string | number): Buffer {
  return textFrame(controlText(event, data, id), nothing)
}

/** The same as the JSON text alone. */
export function controlText(event: string, data: object, id?: string | number): string {
  return JSON.stringify({ event, data, id })
}

/** The same, of data that is JSON text already. */
export function rawFrame(event: string, data: string, id?: string | number): Buffer {
  const idText = id === undefined ? '' : `,"id":${JSON.stringify(id)}`
  return textFrame(`{"event":"${event}","data":${data}${idText}}`, nothing)
}

/** A ping without a payload (RFC 6455 §5.5.2). */
export const pingFrame = Buffer.from([0x89, 0])

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
