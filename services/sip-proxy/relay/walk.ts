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

/** Where a walk is. */
class Position {
  /** A header that is not whole yet. */
  rest = empty
  /** The frame under way. */
  opcode = 0
  final = false
  left = 0
  phase = 0
  key = 0
  /** The message under way, 0: none; and its octets and frames so far. */
  message = 0
  messageBytes = 0
  fragments = 0
  /** Null: not decided. */
  wanted: boolean | null = null
  /** What is kept of a message that lies in several chunks, or of a control frame. */
  kept = empty
  keptBytes = 0
  control = empty

  /** Whether nothing is under way. */
  get isRest(): boolean {
    return this.left === 0 && this.message === 0 && this.rest.length === 0
  }
}

/** Where nearly all are at any moment, between two messages: they share it, and nobody writes to it. */
const between = new Position()
/** What the next walk that begins there is given. */
let spare: Position | null = new Position()

/**
 * Walks over the frames of one direction as they pass in chunks of any size, and copies only what somebody wants to
 * see (RFC 6455 §5). A header that is not whole is held back, so that between two chunks there is either the middle of
 * a payload or a place where another frame may be put.
 */
export class Walker {
  readonly #limits: Limits
  readonly #visitor: Visitor
  #here: Position = between
  #closed = false
  #fault: Fault | null = null

  constructor(limits: Limits, visitor: Visitor) {
    this.#limits = limits
    this.#visitor = visitor
  }

  /** Whether another frame could be put behind what has passed. */
  get atBoundary(): boolean {
    return this.#here.left === 0
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
    if (this.#here === between) {
      this.#here = spare ?? new Position()
      spare = null
    }
    const { rest } = this.#here
    this.#here.rest = empty
    const passed = this.#pass(rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk)
    if (this.#here.isRest) {
      spare = this.#here
      this.#here = between
    }
    return passed
  }

  #pass(octets: Buffer): Buffer {
    let passed: Buffer[] | null = null
    let from = 0
    let at = 0
    while (at < octets.length && !this.#closed) {
      const start = at
      if (this.#here.left === 0) {
        at = this.#begin(octets, start)
        if (at === start) break
      }
      const end = Math.min(at + this.#here.left, octets.length)
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
      this.#here.rest = Buffer.from(octets.subarray(at))
      return at
    }
    const first = octets[at]!
    const masked = (octets[at + 1]! & 0x80) !== 0
    const length = payloadLength(octets, at)
    this.#here.opcode = first & 0x0f
    this.#here.final = (first & 0x80) !== 0
    this.#fault = this.#faultOf(first, masked, length) ?? this.#count(length)
    if (this.#fault) return at
    this.#here.left = length
    this.#here.phase = 0
    // Signed, as small integers are: others are allocated.
    if (masked) this.#here.key = octets.readInt32BE(start - 4)
    return start
  }

  #faultOf(first: number, masked: boolean, length: number): Fault | null {
    const opcode = this.#here.opcode
    const isControl = opcode >= opcodes.close
    // No extension was agreed on (RFC 6455 §5.2).
    if ((first & 0x70) !== 0) return violation('reserved bits are set')
    if (masked !== this.#limits.masked) {
      return violation(masked ? 'a frame is masked' : 'a frame is not masked')
    }
    if (isControl && (opcode > opcodes.pong || !this.#here.final || length > 125)) {
      return violation('a control frame is malformed')
    }
    if (!isControl && opcode > opcodes.binary) return violation('an opcode is unknown')
    if (!isControl && (opcode === opcodes.continuation) !== (this.#here.message !== 0)) {
      return violation('fragments are out of order')
    }
    return null
  }

  #count(length: number): Fault | null {
    if (this.#here.opcode >= opcodes.close) return null
    if (this.#here.opcode !== opcodes.continuation) this.#here.message = this.#here.opcode
    this.#here.messageBytes += length
    this.#here.fragments += 1
    const { messageBytes } = this.#limits
    if (this.#here.messageBytes > messageBytes)
      return { code: 1009, reason: `too_large ${messageBytes}` }
    return this.#here.fragments > maxFragments ? { code: 1008, reason: 'too_many_fragments' } : null
  }

  /** @returns whether the frame that ends here is to be left out */
  #take(octets: Buffer, from: number, to: number): boolean {
    const ends = to - from === this.#here.left
    this.#here.left -= to - from
    const isControl = this.#here.opcode >= opcodes.close
    const isSkipped = this.#here.wanted === false && !isControl
    const piece = isSkipped ? empty : octets.subarray(from, to)
    if (isControl) this.#here.control = Buffer.concat([this.#here.control, this.#clear(piece)])
    else this.#takeData(piece, ends && this.#here.final)
    this.#here.phase += to - from
    return ends && isControl ? this.#endControl() : false
  }

  #endControl(): boolean {
    const payload = this.#here.control
    this.#here.control = empty
    this.#closed = this.#here.opcode === opcodes.close
    return this.#visitor.control(this.#here.opcode, payload)
  }

  #takeData(piece: Buffer, ends: boolean): void {
    if (this.#here.wanted === null && this.#here.keptBytes === 0 && ends) this.#seeAtOnce(piece)
    else if (this.#here.wanted !== false) this.#keep(piece, ends)
    if (!ends) return
    this.#here.message = 0
    this.#here.messageBytes = 0
    this.#here.fragments = 0
    this.#here.wanted = null
    this.#here.kept = empty
    this.#here.keptBytes = 0
    this.#visitor.passed()
  }

  /** A message in one piece, as nearly all are: it is looked at where it lies. */
  #seeAtOnce(piece: Buffer): void {
    const beginning = this.#limits.masked ? this.#clearBeginning(piece) : piece
    if (this.#visitor.wants(beginning))
      this.#visitor.message(this.#here.message, this.#clear(piece))
  }

  #clearBeginning(piece: Buffer): Buffer {
    const length = Math.min(piece.length, beginningBytes)
    for (let index = 0; index < length; index += 1) scratchBeginning[index] = piece[index]!
    applyMask(scratchBeginning, this.#here.key, this.#here.phase)
    return length === beginningBytes ? scratchBeginning : scratchBeginning.subarray(0, length)
  }

  #keep(piece: Buffer, ends: boolean): void {
    this.#append(this.#clear(piece))
    if (this.#here.wanted === null && (ends || this.#here.keptBytes >= beginningBytes)) {
      this.#here.wanted = this.#visitor.wants(this.#here.kept.subarray(0, this.#here.keptBytes))
    }
    if (this.#here.wanted === false) this.#here.kept = empty
    else if (ends)
      this.#visitor.message(this.#here.message, this.#here.kept.subarray(0, this.#here.keptBytes))
  }

  /** Grows with what has come, not with what was announced. */
  #append(clear: Buffer): void {
    const size = this.#here.keptBytes + clear.length
    if (size > this.#here.kept.length) {
      const larger = Buffer.alloc(
        Math.min(Math.max(size, 2 * this.#here.kept.length), this.#limits.messageBytes),
      )
      this.#here.kept.copy(larger, 0, 0, this.#here.keptBytes)
      this.#here.kept = larger
    }
    clear.copy(this.#here.kept, this.#here.keptBytes)
    this.#here.keptBytes = size
  }

  /** As it was before it was masked; valid until the next call. */
  #clear(piece: Buffer): Buffer {
    if (!this.#limits.masked) return piece
    if (piece.length > scratch.length) scratch = Buffer.alloc(2 * piece.length)
    const clear = scratch.subarray(0, piece.length)
    piece.copy(clear)
    applyMask(clear, this.#here.key, this.#here.phase)
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
