import { Connection, type Terms } from './connection.ts'
import type { Side } from './contract.ts'
import type { Parts } from './connection.ts'

export type { Connection, Ending } from './connection.ts'

/** What connections live by. */
export interface RelayOptions {
  /** Of one message, octets. */
  readonly messageBytes: number
  /** SIP messages of a browser: per second, and at once after a pause. */
  readonly messageRate: number
  readonly messageBurst: number
  /** Between two pings to each side. */
  readonly heartbeatMs: number
  /** A side is gone that shows no sign of life for so long. */
  readonly idleMs: number
  /** Between two looks; how exact the two before are. */
  readonly lookMs?: number
  /** Looking at SIP failed; the connection goes on. */
  onFailure(error: unknown): void
}

/** Messages so far, by the side they came from. */
type Passed = Readonly<Record<Side, number>>

const usualLookMs = 1_000
/** Whoever does not finish after a goodbye is cut off. */
const patienceMs = 3_000
/** So many sockets a second are told to come back elsewhere: each of them registers anew. */
const goodbyesPerSecond = 50

/** All relayed connections of this process. */
export class Relay {
  readonly terms: Terms
  readonly #onFailure: RelayOptions['onFailure']
  readonly #connections = new Set<Connection>()
  readonly #messages = { browser: 0, upstream: 0 }
  readonly #timer: NodeJS.Timeout
  #empty: (() => void) | null = null
  #looks = 0

  constructor(options: RelayOptions) {
    const { lookMs = usualLookMs, onFailure } = options
    this.terms = termsOf(options, lookMs)
    this.#onFailure = onFailure
    this.#timer = setInterval(() => this.#look(), lookMs)
    this.#timer.unref()
  }

  /** How often it has looked after its connections: time that costs nothing to read. */
  get looks(): number {
    return this.#looks
  }

  get size(): number {
    return this.#connections.size
  }

  /** Messages that passed, by whose they were. */
  get messages(): Passed {
    return this.#messages
  }

  /** Splices two sockets, and looks after them from now on. */
  add(parts: Parts): Connection {
    const connection = new Connection(this, parts)
    this.#connections.add(connection)
    return connection
  }

  /**
   * Tells every browser to come back elsewhere (RFC 6455 §7.4: 1012), so many a second that those who register them
   * can follow, and resolves when the last is gone.
   * @param withinMs all are told by then
   */
  async drain(withinMs: number): Promise<void> {
    const spreadMs = Math.min(withinMs, (this.size / goodbyesPerSecond) * 1_000)
    const timers = [...this.#connections].map((connection) => {
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
    this.#onFailure(error)
  }

  over(connection: Connection): void {
    this.#connections.delete(connection)
    if (this.size === 0) this.#empty?.()
  }

  #look(): void {
    this.#looks += 1
    for (const connection of this.#connections) connection.look()
  }
}

function termsOf(options: RelayOptions, lookMs: number): Terms {
  const { messageBytes, messageRate, messageBurst, heartbeatMs, idleMs } = options
  const looks = (ms: number): number => Math.max(1, Math.floor(ms / lookMs))
  return {
    limits: {
      browser: { masked: true, messageBytes },
      upstream: { masked: false, messageBytes },
    },
    messages: Math.ceil((messageRate * lookMs) / 1_000),
    messageBurst,
    heartbeat: looks(heartbeatMs),
    idle: looks(idleMs),
    patience: looks(patienceMs),
  }
}
