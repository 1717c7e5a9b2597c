import type { Encoded } from './encode.ts'

export interface RingLimits {
  readonly maxEvents: number
  readonly maxBytes: number
  /** Since the event came in. */
  readonly maxAgeMs?: number
}

/** The app's newest events in memory: most resumes never touch the journal. */
export class Ring {
  readonly #maxEvents: number
  readonly #maxBytes: number
  readonly #maxAgeMs: number
  #events: Encoded[] = []
  /** When each of them came in, Unix milliseconds. */
  #arrivals: number[] = []
  /** Where the events start in the array: shifting thousands one by one would be quadratic. */
  #start = 0
  #bytes = 0

  constructor({ maxEvents, maxBytes, maxAgeMs = Infinity }: RingLimits) {
    this.#maxEvents = maxEvents
    this.#maxBytes = maxBytes
    this.#maxAgeMs = maxAgeMs
  }

  /** Adds the next event; the oldest ones give way to the limits. */
  push(event: Encoded, now = Date.now()): void {
    this.#events.push(event)
    this.#arrivals.push(now)
    this.#bytes += event.tail.length
    while (this.#size > this.#maxEvents || (this.#bytes > this.#maxBytes && this.#size > 1)) {
      this.#evict()
    }
    this.expire(now)
  }

  /** Lets go of what is too old. */
  expire(now: number): void {
    while (this.#size > 0 && now - this.#arrivals[this.#start]! > this.#maxAgeMs) this.#evict()
    // What was evicted must not linger; moving the rest for each single one would cost more than it frees.
    if (this.#start < 64) return
    this.#events.splice(0, this.#start)
    this.#arrivals.splice(0, this.#start)
    this.#start = 0
  }

  #evict(): void {
    this.#bytes -= this.#events[this.#start]!.tail.length
    this.#start += 1
  }

  /**
   * The events above `after`, oldest first, at most `limit` and, but for the first, `maxBytes`; null if the ring does
   * not reach back that far.
   */
  after(after: number, limit: number, maxBytes = Infinity): readonly Encoded[] | null {
    const first = this.#events[this.#start]
    if (!first || after + 1 < first.seq) return null
    const from = this.#start + (after + 1 - first.seq)
    let [end, bytes] = [from, 0]
    while (end < this.#events.length && end < from + limit) {
      bytes += this.#events[end]!.tail.length
      if (bytes > maxBytes && end > from) break
      end += 1
    }
    return this.#events.slice(from, end)
  }

  /** The number of the oldest event. */
  get oldest(): number | undefined {
    return this.#events[this.#start]?.seq
  }

  get #size(): number {
    return this.#events.length - this.#start
  }
}
