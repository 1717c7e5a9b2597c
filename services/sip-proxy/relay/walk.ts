import { applyMask, opcodes } from '@switchhook/shared/frames'

/** What the frames of one direction are held against. */
export interface Limits {
  /** Browsers mask, servers do not (RFC 6455 §5.1). */
  readonly masked: boolean
  /** Of one message, octets. */
  readonly messageBytes: number
}

/** Is told what passes. Buffers are valid during the call. */
export interface Visitor {
  /**
   * Whether the message that begins so is to be handed over whole.
   * @param beginning at least its first 16 octets, or all of a shorter one
   */
  wants(beginning: Buffer): boolean
  /** A message that was wanted. */
  message(opcode: number, payload: Buffer): void
  /** A message has passed, wanted or not. */
  passed(): void
  /** A control frame; whether it is to be left out of what goes on. */
  control(opcode: number, payload: Buffer): boolean
}

/** A violation of the protocol, as the close code for it and a reason. */
export interface Fault {
  readonly code: number
  readonly reason: string
}

/** Enough to tell a REGISTER, or a response. */
const beginningBytes = 16
/** As `ws` has it on the hub's sockets: more are an attack. */
const maxFragments = 64
const empty = Buffer.alloc(0)

/** What lies in one chunk is unmasked into these; nobody keeps it. */
let scratch = Buffer.alloc(4_096)
const scratchBeginning = Buffer.alloc(beginningBytes)

/**
 * Walks over the frames of one direction as they pass in chunks of any size, and copies only what somebody wants to
 * see (RFC 6455 §5). A header that is not whole is held back, so that between two chunks there is either the middle of
 * a payload or a place where another frame may be put.
 */
export class Walker {
  readonly #limits: Limits
  readonly #visitor: Visitor
  /** A header that is not whole yet. */
  #rest = empty
  /** The frame under way. */
  #opcode = 0
  #final = false
  #left = 0
  #phase = 0
  #key = 0
  /** The message under way, 0: none; and its octets and frames so far. */
  #message = 0
  #messageBytes = 0
  #fragments = 0
  /** Null: not decided. */
  #wanted: boolean | null = null
  /** What is kept of a message that lies in several chunks, or of a control frame. */
  #kept = empty
  #keptBytes = 0
  #control = empty
  #closed = false
  #fault: Fault | null = null

  constructor(limits: Limits, visitor: Visitor) {
    this.#limits = limits
    this.#visitor = visitor
  }

  /** Whether another frame could be put behind what has passed. */
  get atBoundary(): boolean {
    return this.#left === 0
  }

  /** Whether a close frame has passed: nothing goes on behind it (RFC 6455 §5.5.1). */
  get closed(): boolean {
    return this.#closed
  }

  /** What everything from here on is refused for. */
  get fault(): Fault | null {
    return this.#fault
  }

  /** Walks over the next chunk. @returns the octets that go on */
  walk(chunk: Buffer): Buffer {
    const octets = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    this.#rest = empty
    let passed: Buffer[] | null = null
    let from = 0
    let at = 0
    while (at < octets.length && !this.#closed) {
      const start = at
      if (this.#left === 0) {
        at = this.#begin(octets, start)
        if (at === start) break
      }
      const end = Math.min(at + this.#left, octets.length)
      const isWhole = at > start
      const leftOut = this.#take(octets, at, end)
      at = end
      if (!leftOut || !isWhole) continue
      passed ??= []
      passed.push(octets.subarray(from, start))
      from = at
    }
    const last = from === 0 && at === octets.length ? octets : octets.subarray(from, at)
    return passed ? Buffer.concat([...passed, last]) : last
  }

  /** @returns where the payload begins; the same place again if nothing can be made of the header, yet or at all */
  #begin(octets: Buffer, at: number): number {
    const size = headerSize(octets, at)
    const start = at + size
    if (start > octets.length) {
      this.#rest = Buffer.from(octets.subarray(at))
      return at
    }
    const first = octets[at]!
    const masked = (octets[at + 1]! & 0x80) !== 0
    const length = payloadLength(octets, at)
    this.#opcode = first & 0x0f
    this.#final = (first & 0x80) !== 0
    this.#fault = this.#faultOf(first, masked, length) ?? this.#count(length)
    if (this.#fault) return at
    this.#left = length
    this.#phase = 0
    // Signed, as small integers are: others are allocated.
    if (masked) this.#key = octets.readInt32BE(start - 4)
    return start
  }

  #faultOf(first: number, masked: boolean, length: number): Fault | null {
    const opcode = this.#opcode
    const isControl = opcode >= opcodes.close
    // No extension was agreed on (RFC 6455 §5.2).
    if ((first & 0x70) !== 0) return violation('reserved bits are set')
    if (masked !== this.#limits.masked) {
      return violation(masked ? 'a frame is masked' : 'a frame is not masked')
    }
    if (isControl && (opcode > opcodes.pong || !this.#final || length > 125)) {
      return violation('a control frame is malformed')
    }
    if (!isControl && opcode > opcodes.binary) return violation('an opcode is unknown')
    if (!isControl && (opcode === opcodes.continuation) !== (this.#message !== 0)) {
      return violation('fragments are out of order')
    }
    return null
  }

  #count(length: number): Fault | null {
    if (this.#opcode >= opcodes.close) return null
    if (this.#opcode !== opcodes.continuation) this.#message = this.#opcode
    this.#messageBytes += length
    this.#fragments += 1
    const { messageBytes } = this.#limits
    if (this.#messageBytes > messageBytes)
      return { code: 1009, reason: `too_large ${messageBytes}` }
    return this.#fragments > maxFragments ? { code: 1008, reason: 'too_many_fragments' } : null
  }

  /** @returns whether the frame that ends here is to be left out */
  #take(octets: Buffer, from: number, to: number): boolean {
    const ends = to - from === this.#left
    this.#left -= to - from
    const isControl = this.#opcode >= opcodes.close
    const isSkipped = this.#wanted === false && !isControl
    const piece = isSkipped ? empty : octets.subarray(from, to)
    if (isControl) this.#control = Buffer.concat([this.#control, this.#clear(piece)])
    else this.#takeData(piece, ends && this.#final)
    this.#phase += to - from
    return ends && isControl ? this.#endControl() : false
  }

  #endControl(): boolean {
    const payload = this.#control
    this.#control = empty
    this.#closed = this.#opcode === opcodes.close
    return this.#visitor.control(this.#opcode, payload)
  }

  #takeData(piece: Buffer, ends: boolean): void {
    if (this.#wanted === null && this.#keptBytes === 0 && ends) this.#seeAtOnce(piece)
    else if (this.#wanted !== false) this.#keep(piece, ends)
    if (!ends) return
    this.#message = 0
    this.#messageBytes = 0
    this.#fragments = 0
    this.#wanted = null
    this.#kept = empty
    this.#keptBytes = 0
    this.#visitor.passed()
  }

  /** A message in one piece, as nearly all are: it is looked at where it lies. */
  #seeAtOnce(piece: Buffer): void {
    const beginning = this.#limits.masked ? this.#clearBeginning(piece) : piece
    if (this.#visitor.wants(beginning)) this.#visitor.message(this.#message, this.#clear(piece))
  }

  #clearBeginning(piece: Buffer): Buffer {
    const length = Math.min(piece.length, beginningBytes)
    for (let index = 0; index < length; index += 1) scratchBeginning[index] = piece[index]!
    applyMask(scratchBeginning, this.#key, this.#phase)
    return length === beginningBytes ? scratchBeginning : scratchBeginning.subarray(0, length)
  }

  #keep(piece: Buffer, ends: boolean): void {
    this.#append(this.#clear(piece))
    if (this.#wanted === null && (ends || this.#keptBytes >= beginningBytes)) {
      this.#wanted = this.#visitor.wants(this.#kept.subarray(0, this.#keptBytes))
    }
    if (this.#wanted === false) this.#kept = empty
    else if (ends) this.#visitor.message(this.#message, this.#kept.subarray(0, this.#keptBytes))
  }

  /** Grows with what has come, not with what was announced. */
  #append(clear: Buffer): void {
    const size = this.#keptBytes + clear.length
    if (size > this.#kept.length) {
      const larger = Buffer.alloc(
        Math.min(Math.max(size, 2 * this.#kept.length), this.#limits.messageBytes),
      )
      this.#kept.copy(larger, 0, 0, this.#keptBytes)
      this.#kept = larger
    }
    clear.copy(this.#kept, this.#keptBytes)
    this.#keptBytes = size
  }

  /** As it was before it was masked; valid until the next call. */
  #clear(piece: Buffer): Buffer {
    if (!this.#limits.masked) return piece
    if (piece.length > scratch.length) scratch = Buffer.alloc(2 * piece.length)
    const clear = scratch.subarray(0, piece.length)
    piece.copy(clear)
    applyMask(clear, this.#key, this.#phase)
    return clear
  }
}

const violation = (reason: string): Fault => ({ code: 1002, reason })

/** How long the header at this place is; one octet more than there is, if that cannot be told yet. */
function headerSize(octets: Buffer, at: number): number {
  if (at + 2 > octets.length) return 2
  const second = octets[at + 1]!
  const short = second & 0x7f
  const extended = short < 126 ? 0 : short === 126 ? 2 : 8
  return 2 + extended + (second & 0x80 ? 4 : 0)
}

/** Of a header that is whole; beyond 32 bits it is larger than any limit. */
function payloadLength(octets: Buffer, at: number): number {
  const short = octets[at + 1]! & 0x7f
  if (short < 126) return short
  if (short === 126) return octets.readUInt16BE(at + 2)
  return octets.readUInt32BE(at + 2) > 0 ? Infinity : octets.readUInt32BE(at + 6)
}
