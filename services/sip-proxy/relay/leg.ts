import { closeFrame, frame, opcodes } from '@switchhook/shared/frames'
import { Walker, type Fault, type Limits, type Visitor } from './walk.ts'
import type { Duplex } from 'node:stream'
import type { Rewrite, Side, Watch, Wire } from './contract.ts'

/** What both directions of a connection tell it. */
export interface Pair {
  readonly watch: Watch | null
  readonly rewrite: Rewrite | null
  /** Limits of the frames of each side. */
  readonly limits: Readonly<Record<Side, Limits>>
  /** How often the relay has looked after its connections: what it counts time in. */
  readonly looks: number
  /** A message of this side passed. */
  passed(side: Side): void
  /** So did a control frame. */
  takeRoom(side: Side): void
  /** This side said goodbye. */
  saidGoodbye(leg: Leg, code: number): void
  broke(leg: Leg, fault: Fault): void
  /** Both sides said goodbye. */
  parted(): void
  /** This side's socket is closed, with or without a goodbye. */
  ended(leg: Leg): void
  /** What it looks with failed. */
  failed(error: unknown): void
}

/** A socket with its leg, so that one listener does for all of them. */
type Carried = Duplex & { [carried]?: Leg }

const carried = Symbol('leg')

/** Our pings are told from those that only pass by what is in them. */
const mark = Buffer.from('switchhook')
const pings = { masked: frame(opcodes.ping, mark, true), plain: frame(opcodes.ping, mark, false) }
const noStatus = 1005

/**
 * One side of a relayed connection: what it sends is walked over in place and written to the other side as it came, or,
 * where somebody rewrites, frame by frame.
 */
export class Leg implements Visitor {
  readonly side: Side
  readonly socket: Duplex
  readonly #pair: Pair
  readonly #walker: Walker
  #other!: Leg
  /** At which look its last octets came. */
  seenAt: number
  /** Nothing of it goes on any more. */
  #muted = false

  constructor(side: Side, { socket }: Wire, pair: Pair) {
    this.side = side
    this.socket = socket
    this.#pair = pair
    this.#walker = new Walker(pair.limits[side], this)
    this.seenAt = pair.looks
  }

  /** Where what it sends goes. */
  join(other: Leg): void {
    this.#other = other
  }

  /** Begins to carry, first what came already. */
  carry(head: Buffer): void {
    const socket: Carried = this.socket
    socket[carried] = this
    // Whoever says no more has finished: then one event tells the end of a socket, however it came.
    socket.allowHalfOpen = false
    // One by one: all at once would make a dictionary of its listeners, ten times as large.
    for (const listener of socket.listeners('error')) socket.off('error', listener as () => void)
    socket.on('data', onData)
    socket.on('drain', onDrain)
    socket.on('error', onError)
    socket.on('close', onClose)
    if (socket.closed) process.nextTick(onClose.bind(socket))
    if (head.length > 0) this.receive(head)
    // Whoever shook hands with it has paused it; after a head that the other side cannot take yet it stays so.
    if (!this.#other.socket.writableNeedDrain) socket.resume()
  }

  /** Whether it said goodbye. */
  get closed(): boolean {
    return this.#walker.closed
  }

  /** Whether it cannot say anything because the other side does not read. */
  get held(): boolean {
    return this.socket.isPaused()
  }

  /** Asks for a sign of life, unless something is under way to it anyway. */
  ping(): void {
    if (!this.#canTake || this.socket.writableNeedDrain) return
    this.socket.write(this.side === 'upstream' ? pings.masked : pings.plain)
  }

  /** Says goodbye, if a frame can be put here, and writes no more. What it still says goes nowhere. */
  dismiss(code: number, reason: string): void {
    this.#muted = true
    this.#other.#muted = true
    if (this.#canTake && !this.socket.writableEnded) {
      this.socket.write(closeFrame(code, reason, this.side === 'upstream'))
    }
    this.finish()
  }

  /** Writes no more, and reads to the end. */
  finish(): void {
    if (!this.socket.writableEnded && !this.socket.destroyed) this.socket.end()
    this.socket.resume()
  }

  /** Without words. */
  cut(): void {
    this.socket.destroy()
  }

  /** Whether the other side's frame is not just half way through. */
  get #canTake(): boolean {
    return this.#pair.rewrite !== null || this.#other.#walker.atBoundary
  }

  #forward(octets: Buffer): void {
    const to = this.#other.socket
    if (octets.length === 0 || this.#muted || to.writableEnded) return
    if (!to.write(octets)) this.socket.pause()
  }

  #forwardFrame(opcode: number, payload: Buffer): void {
    this.#forward(frame(opcode, payload, this.side === 'browser'))
  }

  wants(beginning: Buffer): boolean {
    return this.#pair.rewrite !== null || this.#watches(beginning)
  }

  #watches(beginning: Buffer): boolean {
    try {
      return this.#pair.watch?.wants(this.side, beginning) ?? false
    } catch (error) {
      this.#pair.failed(error)
      return false
    }
  }

  message(opcode: number, payload: Buffer): void {
    const { rewrite, watch } = this.#pair
    try {
      if (!rewrite) return watch?.see(this.side, payload)
      if (this.#watches(payload.subarray(0, 16))) watch?.see(this.side, payload)
    } catch (error) {
      this.#pair.failed(error)
    }
    if (rewrite) this.#forwardFrame(opcode, this.#rewritten(rewrite, payload))
  }

  #rewritten(rewrite: Rewrite, payload: Buffer): Buffer {
    try {
      return rewrite.rewrite(this.side, payload) ?? payload
    } catch (error) {
      this.#pair.failed(error)
      return payload
    }
  }

  passed(): void {
    this.#pair.passed(this.side)
  }

  control(opcode: number, payload: Buffer): boolean {
    const answersUs = opcode === opcodes.pong && payload.equals(mark)
    this.#pair.takeRoom(this.side)
    if (this.#pair.rewrite && !answersUs) this.#forwardFrame(opcode, payload)
    if (opcode === opcodes.close) {
      this.#pair.saidGoodbye(this, payload.length < 2 ? noStatus : payload.readUInt16BE())
    }
    return answersUs
  }

  /** What it sent, for the other side. */
  receive(chunk: Buffer): void {
    this.seenAt = this.#pair.looks
    if (this.#muted) return
    const pass = this.#walker.walk(chunk)
    if (this.#pair.rewrite === null) this.#forward(pass)
    if (this.#walker.fault) this.#pair.broke(this, this.#walker.fault)
    if (this.closed && this.#other.closed) this.#pair.parted()
  }

  /** It takes more again. */
  drained(): void {
    this.#other.socket.resume()
  }

  ended(): void {
    this.#pair.ended(this)
  }
}

function onData(this: Carried, chunk: Buffer): void {
  this[carried]!.receive(chunk)
}

function onDrain(this: Carried): void {
  this[carried]!.drained()
}

function onClose(this: Carried): void {
  this[carried]!.ended()
}

/** `close` follows. */
function onError(): void {}
