import type { Encoded } from './encode.ts'

/** The app's newest events in memory: most resumes never touch the journal. */
export class Ring {
  readonly #maxEvents: number
  readonly #maxBytes: number
  #events: Encoded[] = []
  /** Where the events start in the array: shifting thousands one by one would be quadratic. */
  #start = 0
  #bytes = 0

  constructor({ maxEvents, maxBytes }: { maxEvents: number; maxBytes: number }) {
    this.#maxEvents = maxEvents
    this.#maxBytes = maxBytes
  }

  /** Adds the next event; the oldest ones give way to the limits. */
  push(event: Encoded): void {
    this.#events.push(event)
    this.#bytes += event.tail.length
    while (this.#size > this.#maxEvents || (this.#bytes > this.#maxBytes && this.#size > 1)) {
      this.#bytes -= this.#events[this.#start++]!.tail.length
    }
    // What was evicted must not linger; moving the rest for each single one would cost more than it frees.
    if (this.#start >= 64) {
      this.#events.splice(0, this.#start)
      this.#start = 0
    }
  }

  /** The events above `after`, oldest first, at most `limit`; null if the ring does not reach back that far. */
  after(after: number, limit: number): readonly Encoded[] | null {
    const first = this.#events[this.#start]
    if (!first || after + 1 < first.seq) return null
    const from = this.#start + (after + 1 - first.seq)
    return this.#events.slice(from, from + limit)
  }

  get #size(): number {
    return this.#events.length - this.#start
  }
}
