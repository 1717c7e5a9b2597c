import { createHistogram } from 'node:perf_hooks'
import { framePrefix } from '../peers/fanout/event.ts'
import { signToken } from '../peers/token.ts'
import { subscribe } from './socket.ts'
import type { Socket } from 'node:net'
import type { DialectName } from './dialects.ts'

interface Server {
  readonly port: number
  readonly dialect: DialectName
}

const digitsAt = framePrefix.length
const zero = 48
const nine = 57
const patienceMs = 20_000
/** Handshakes on their way at the same time. */
const arriving = 50
/** So many subscribers, spread evenly, look at the clock: it costs more than all else they do. */
const timed = 100

/** Subscribers of a server that check that every one of them gets every event, once and in order. */
export class Audience {
  readonly #server: Server
  readonly #sockets: Socket[] = []
  /** Microseconds from publish command to frame. */
  readonly latency = createHistogram()
  readonly #timedEvery: number
  #sentAt = 0
  /** Deliveries that are on their way. */
  #due = 0
  #settle: PromiseWithResolvers<void> | null = null
  #fault: string | null = null
  #leaving = false

  /** @param size how many subscribers there will be */
  constructor(server: Server, size: number) {
    this.#server = server
    this.#timedEvery = Math.max(1, Math.floor(size / timed))
  }

  get size(): number {
    return this.#sockets.length
  }

  /** Adds subscribers until there are `size`; nothing may be on its way meanwhile. */
  async grow(size: number): Promise<void> {
    while (this.size < size) {
      const from = this.size
      const count = Math.min(arriving, size - from)
      const arrivals = Array.from({ length: count }, (_, index) => this.#subscribe(from + index))
      this.#sockets.push(...(await Promise.all(arrivals)))
    }
  }

  /**
   * Expects so many events from now on; resolves when everyone has them all.
   * @throws if someone lost something, or it takes too long
   */
  async receive(count: number): Promise<void> {
    const settle = (this.#settle = Promise.withResolvers<void>())
    if (this.#fault) throw new Error(this.#fault)
    this.#due = count * this.size
    this.#sentAt = performance.now()
    const timer = setTimeout(() => this.#fail(`${this.#due} deliveries never came`), patienceMs)
    await settle.promise.finally(() => clearTimeout(timer))
  }

  leave(): void {
    this.#leaving = true
    for (const socket of this.#sockets) socket.destroy()
  }

  #subscribe(index: number): Promise<Socket> {
    const isTimed = index % this.#timedEvery === 0
    let last: number | null = null
    return subscribe({
      ...this.#server,
      token: signToken(index),
      onEvent: (bytes, start) => {
        const seq = numberAt(bytes, start + digitsAt)
        if (last !== null && seq !== last + 1) this.#fail(`${seq} came after ${last}`)
        last = seq
        if (isTimed) this.#time()
        this.#due -= 1
        if (this.#due === 0) this.#settle?.resolve()
        else if (this.#due < 0) this.#fail(`${seq} came without being published`)
      },
      onClosed: () => {
        if (!this.#leaving) this.#fail('the server closed a subscriber')
      },
    })
  }

  #time(): void {
    this.latency.record(Math.max(1, Math.round((performance.now() - this.#sentAt) * 1000)))
  }

  #fail(fault: string): void {
    this.#fault ??= fault
    this.#settle?.reject(new Error(this.#fault))
  }
}

function numberAt(bytes: Buffer, start: number): number {
  let value = 0
  for (let at = start; ; at += 1) {
    const digit = bytes[at]!
    if (digit < zero || digit > nine) return value
    value = value * 10 + digit - zero
  }
}
