import { crc32 } from 'node:zlib'

/** A delivery as the spool keeps it; what it means is said again when it drains. */
export interface Spooled {
  readonly id: string
  readonly app: string
  readonly provider: string
  readonly receivedAt: string
  /** Headers and raw body, sealed. */
  readonly sealed: Uint8Array
}

/** Where a whole, undamaged record lies in a buffer. */
export interface Frame {
  readonly start: number
  readonly end: number
  readonly payload: Buffer
}

/** What a record begins with: after damage, the next one is found by it. */
const magic = Buffer.from([0xf5, 0x53, 0x48, 0xb2])
const newline = 0x0a
/** Magic, length of the payload, checksum of length and payload; numbers are big endian. */
export const headBytes = 12

/** The record as octets: head, then its strings as JSON, a newline, the sealed octets as they are. */
export function encode({ id, app, provider, receivedAt, sealed }: Spooled): Buffer {
  const strings = Buffer.from(`${JSON.stringify([id, app, provider, receivedAt])}\n`)
  const frame = Buffer.allocUnsafe(headBytes + strings.length + sealed.length)
  magic.copy(frame)
  frame.writeUInt32BE(strings.length + sealed.length, 4)
  strings.copy(frame, headBytes)
  frame.set(sealed, headBytes + strings.length)
  frame.writeUInt32BE(checksum(frame, 0, frame.length), 8)
  return frame
}

/** The record of a frame's payload; null if it is none, as one that another version wrote may be. */
export function decode(payload: Buffer): Spooled | null {
  const cut = payload.indexOf(newline)
  if (cut === -1) return null
  try {
    const strings: unknown = JSON.parse(payload.toString('utf8', 0, cut))
    if (!Array.isArray(strings) || strings.length !== 4) return null
    if (!strings.every((one) => typeof one === 'string')) return null
    const [id, app, provider, receivedAt] = strings as [string, string, string, string]
    return { id, app, provider, receivedAt, sealed: payload.subarray(cut + 1) }
  } catch {
    return null
  }
}

/** The frame that begins at `start`; null where none does, or not all of it is there, or it is damaged. */
export function frameAt(buffer: Buffer, start: number): Frame | null {
  const end = announcedEnd(buffer, start)
  if (end === null || end > buffer.length) return null
  if (buffer.readUInt32BE(start + 8) !== checksum(buffer, start, end)) return null
  return { start, end, payload: buffer.subarray(start + headBytes, end) }
}

/** The first frame at or after `from`; what lies between is damaged. */
export function nextFrame(buffer: Buffer, from: number): Frame | null {
  for (let at = from; at !== -1; at = buffer.indexOf(magic, at + 1)) {
    const frame = frameAt(buffer, at)
    if (frame) return frame
  }
  return null
}

/** Where the frame at `start` says that it ends; null if there is no head. */
export function announcedEnd(buffer: Buffer, start: number): number | null {
  const body = start + headBytes
  if (body > buffer.length || buffer.compare(magic, 0, 4, start, start + 4) !== 0) return null
  return body + buffer.readUInt32BE(start + 4)
}

function checksum(buffer: Buffer, start: number, end: number): number {
  const length = crc32(buffer.subarray(start + 4, start + 8))
  return crc32(buffer.subarray(start + headBytes, end), length)
}
