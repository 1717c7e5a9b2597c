/** A frame of a server (RFC 6455 §5.2). */
export interface Frame {
  readonly fin: boolean
  readonly opcode: number
  readonly payload: Buffer
  /** What came behind it. */
  readonly rest: Buffer
}

/** Payloads that a server may send; a longer one is not waited for. */
export const mostOctets = 1_048_576

/** The first frame; null while it is not whole. @throws Error if it is none of a server's */
export function readFrame(read: Buffer): Frame | null {
  const [first, second] = read
  if (first === undefined || second === undefined) return null
  if (first & 0x70 || second & 0x80) throw new Error('it sends frames that break RFC 6455')
  const start = startOf(second)
  if (read.length < start) return null
  const length = lengthIn(read, second)
  if (length > mostOctets) throw new Error(`it sends a frame of ${length} octets`)
  if (read.length < start + length) return null
  return {
    fin: (first & 0x80) !== 0,
    opcode: first & 0x0f,
    payload: read.subarray(start, start + length),
    rest: read.subarray(start + length),
  }
}

/** Where the payload begins, by the octet with the short length. */
function startOf(second: number): number {
  if (second < 126) return 2
  return second === 126 ? 4 : 10
}

function lengthIn(read: Buffer, second: number): number {
  if (second < 126) return second
  return second === 126 ? read.readUInt16BE(2) : Number(read.readBigUInt64BE(2))
}
