import { createHistogram } from 'node:perf_hooks'
import { framePrefix } from '../peers/event.ts'
import { signToken } from '../peers/token.ts'
import { subscribe } from './socket.ts'
import type { Socket } from 'node:net'

interface OnItsWay {
  readonly sentAt: number
  /** How many subscribers still wait for it. */
  missing: number
}

const digitsAt = framePrefix.length
/** `h` of a head, `c` of an event: the first letter that differs. */
const nameAt = '{"event":"'.length
const firstLetter = framePrefix.charCodeAt(nameAt)
const zero = 48
const nine = 57
const patienceMs = 20_000

/** Subscribers that check that every one of them gets every event, once and in order. */
export class Audience {
  readonly #port: number
  readonly #sockets: Socket[] = []
  readonly #onItsWay = new Map<number, OnItsWay>()
  /** Microseconds from publish command to frame. */
  readonly latency = createHistogram()
  #published = 0
  #delivered = 0
  #fault: string | null = null
  #leaving = false
  /** Called when everyone has got an event. */
  onComplete: () => void = () => {}

  constructor(port: number) {
    this.#port = port
  }

  get size(): number {
    return this.#sockets.length
  }

  get delivered(): number {
    return this.#delivered
  }

  /** Adds subscribers until there are `size`; nothing may be on its way meanwhile. */
  async grow(size: number): Promise<void> {
    const token = signToken()
    while (this.size < size) {
      const count = Math.min(50, size - this.size)
      const arrivals = Array.from({ length: count }, () => this.#subscribe(token))
      this.#sockets.push(...(await Promise.all(arrivals)))
    }
  }

  /** Expects so many more events from now on. */
  expect(count: number): void {
    const sentAt = performance.now()
    for (let index = 0; index < count; index += 1) {
      this.#onItsWay.set(++this.#published, { sentAt, missing: this.size })
    }
  }

  /** Forgets what was measured so far. */
  reset(): void {
    this.latency.reset()
    this.#delivered = 0
  }

  /** Resolves when everyone has everything. @throws if someone lost something, or it takes too long */
  async settled(): Promise<void> {
    const deadline = performance.now() + patienceMs
    while (this.#onItsWay.size > 0 && !this.#fault) {
      if (performance.now() > deadline)
        this.#fault = `${this.#onItsWay.size} events never reached all`
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    if (this.#fault) throw new Error(this.#fault)
  }

  leave(): void {
    this.#leaving = true
    for (const socket of this.#sockets) socket.destroy()
  }

  #subscribe(token: string): Promise<Socket> {
    let expected = this.#published + 1
    return subscribe({
      port: this.#port,
      token,
      onText: (bytes, start) => {
        if (bytes[start + nameAt] !== firstLetter) return
        const seq = numberAt(bytes, start + digitsAt)
        if (seq !== expected) this.#fault ??= `${seq} came where ${expected} was due`
        expected = seq + 1
        this.#receive(seq)
      },
      onClosed: () => {
        if (!this.#leaving) this.#fault ??= 'the server closed a subscriber'
      },
    })
  }

  #receive(seq: number): void {
    const event = this.#onItsWay.get(seq)
    if (!event) return void (this.#fault ??= `${seq} came without being published`)
    this.#delivered += 1
    this.latency.record(Math.max(1, Math.round((performance.now() - event.sentAt) * 1000)))
    event.missing -= 1
    if (event.missing > 0) return
    this.#onItsWay.delete(seq)
    this.onComplete()
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
