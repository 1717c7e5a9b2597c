import { Connection, type Ending, type Terms } from './connection.ts'
import type { Side } from './contract.ts'
import type { Parts } from './connection.ts'

export type { Ending, Terms } from './connection.ts'

/** Who hears of what passes. */
export interface RelayEvents {
  /** A connection to this upstream is over. */
  closed(upstream: string, ending: Ending): void
  /** Looking at SIP failed; the connection goes on. */
  failed(error: unknown): void
}

/** Octets and messages so far, by the side they came from. */
export type Passed = Readonly<Record<Side, number>>

const lookEveryMs = 1_000
/** So many sockets a second are told to come back elsewhere: each of them registers anew. */
const goodbyesPerSecond = 50

/** All relayed connections of this process. */
export class Relay {
  readonly terms: Terms
  readonly #events: RelayEvents
  readonly #connections = new Map<Connection, string>()
  readonly #perUpstream = new Map<string, number>()
  readonly #messages = { browser: 0, upstream: 0 }
  readonly #timer: NodeJS.Timeout
  #empty: (() => void) | null = null

  constructor(terms: Terms, events: RelayEvents) {
    this.terms = terms
    this.#events = events
    this.#timer = setInterval(() => this.#look(), lookEveryMs)
    this.#timer.unref()
  }

  get size(): number {
    return this.#connections.size
  }

  /** Messages that passed, by whose they were. */
  get messages(): Passed {
    return this.#messages
  }

  /** Connections to each upstream that has any. */
  get perUpstream(): ReadonlyMap<string, number> {
    return this.#perUpstream
  }

  /** Splices two sockets; from now on it looks after them. */
  add(upstream: string, parts: Parts): void {
    this.#count(upstream, 1)
    const connection = new Connection(this, parts)
    this.#connections.set(connection, upstream)
  }

  /**
   * Tells every browser to come back elsewhere (RFC 6455 §7.4: 1012), so many a second that those who register them
   * can follow, and resolves when the last is gone.
   * @param withinMs all are told by then
   */
  async drain(withinMs: number): Promise<void> {
    const spreadMs = Math.min(withinMs, (this.size / goodbyesPerSecond) * 1_000)
    const timers = [...this.#connections.keys()].map((connection) => {
      const retryMs = Math.round(1_000 + Math.random() * spreadMs)
      return setTimeout(
        () => connection.close(1012, `restart ${retryMs}`),
        Math.random() * spreadMs,
      )
    })
    if (this.size > 0) await new Promise<void>((resolve) => (this.#empty = resolve))
    for (const timer of timers) clearTimeout(timer)
    clearInterval(this.#timer)
  }

  passed(side: Side): void {
    this.#messages[side] += 1
  }

  failed(error: unknown): void {
    this.#events.failed(error)
  }

  over(connection: Connection, ending: Ending): void {
    const upstream = this.#connections.get(connection)!
    this.#connections.delete(connection)
    this.#count(upstream, -1)
    this.#events.closed(upstream, ending)
    if (this.size === 0) this.#empty?.()
  }

  #count(upstream: string, by: number): void {
    const count = (this.#perUpstream.get(upstream) ?? 0) + by
    if (count > 0) this.#perUpstream.set(upstream, count)
    else this.#perUpstream.delete(upstream)
  }

  #look(): void {
    const now = Date.now()
    for (const connection of this.#connections.keys()) connection.look(now)
  }
}
