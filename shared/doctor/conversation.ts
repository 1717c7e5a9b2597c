import { frame, opcodes } from '../frames/index.ts'
import { mostOctets, readFrame, type Frame } from './frames.ts'
import { printable } from './printable.ts'
import type { Duplex } from 'node:stream'

/** What a server said: a message, its farewell, or nothing any more. */
export type Said =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  | { readonly kind: 'gone'; readonly why: string }

/** A WebSocket after its handshake, for a few messages. */
export interface Conversation {
  /** @param text at most 64 KiB */
  say(text: string): void
  /** The next thing said; null if nothing is in time. After the end it is the end again. */
  next(timeoutMs: number): Promise<Said | null>
  /** Closes it. */
  end(): void
}

/** Messages that wait to be asked for; more end it. */
const mostWaiting = 100

/** Talks over a socket that is paused behind its handshake. */
export function converse(socket: Duplex, head: Buffer): Conversation {
  const inbox = new Inbox()
  const send = (opcode: number, payload: Buffer): void => {
    if (socket.writable) socket.write(frame(opcode, payload, true))
  }
  const reader = new Reader({
    said: (said) => inbox.put(said),
    pinged: (payload) => send(opcodes.pong, payload),
  })
  const take = (chunk: Buffer): void => {
    try {
      reader.take(chunk)
    } catch (error) {
      inbox.put({ kind: 'gone', why: (error as Error).message })
      socket.destroy()
    }
  }
  socket.on('error', ({ message }: Error) => inbox.put({ kind: 'gone', why: printable(message) }))
  socket.on('close', () => inbox.put({ kind: 'gone', why: 'it closed the connection' }))
  socket.on('data', take)
  take(head)
  socket.resume()
  return {
    say: (text) => send(opcodes.text, Buffer.from(text)),
    next: (timeoutMs) => inbox.take(timeoutMs),
    end() {
      send(opcodes.close, Buffer.from([0x03, 0xe8]))
      socket.destroy()
    },
  }
}

interface Listener {
  said(said: Said): void
  pinged(payload: Buffer): void
}

/** Puts messages together from octets as they come. */
class Reader {
  #read = Buffer.alloc(0)
  #parts: Buffer[] = []
  #octets = 0
  readonly #listener: Listener

  constructor(listener: Listener) {
    this.#listener = listener
  }

  /** @throws Error at what no server may send */
  take(chunk: Buffer): void {
    this.#read = Buffer.concat([this.#read, chunk])
    for (let next = readFrame(this.#read); next; next = readFrame(this.#read)) {
      this.#read = Buffer.from(next.rest)
      this.#frame(next)
    }
  }

  #frame({ opcode, payload, fin }: Frame): void {
    if (opcode === opcodes.ping) this.#listener.pinged(Buffer.from(payload))
    else if (opcode === opcodes.close) this.#listener.said(closeIn(payload))
    else if (opcode <= opcodes.binary) this.#part(payload, fin)
  }

  #part(payload: Buffer, fin: boolean): void {
    this.#parts.push(Buffer.from(payload))
    this.#octets += payload.length
    if (this.#octets > mostOctets || this.#parts.length > 1_000)
      throw new Error('it goes on and on')
    if (!fin) return
    this.#listener.said({ kind: 'message', text: Buffer.concat(this.#parts).toString() })
    this.#parts = []
    this.#octets = 0
  }
}

function closeIn(payload: Buffer): Said {
  const code = payload.length < 2 ? 1005 : payload.readUInt16BE(0)
  return { kind: 'close', code, reason: printable(payload.subarray(2).toString()) }
}

/** What was said and not asked for yet; at its end it stays. */
class Inbox {
  readonly #waiting: Said[] = []
  #end: Said | null = null
  #wake: (() => void) | null = null

  put(said: Said): void {
    if (this.#end) return
    if (said.kind !== 'message') this.#end = said
    else if (this.#waiting.length < mostWaiting) this.#waiting.push(said)
    else this.#end = { kind: 'gone', why: 'it says more than anybody asked for' }
    this.#wake?.()
  }

  async take(timeoutMs: number): Promise<Said | null> {
    if (this.#waiting.length === 0 && !this.#end) await this.#something(timeoutMs)
    return this.#waiting.shift() ?? this.#end
  }

  #something(timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, timeoutMs)
    this.#wake = resolve
    return promise.finally(() => clearTimeout(timer))
  }
}
