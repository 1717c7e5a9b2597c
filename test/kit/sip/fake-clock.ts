import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../../services/sip-proxy/failover/clock.ts'

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** A clock that goes when it is told to. */
export class FakeClock implements Clock {
  #now = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /** What is still to be done. */
  get pending(): number {
    return this.#timers.size
  }

  /** Lets time pass, and what is to be done in it happen in its order, each with all that follows from it. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await turn()
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#now = next.at
      this.#timers.delete(next)
      next.run()
      await turn()
    }
    this.#now = end
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= end)
    return due.toSorted((one, other) => one.at - other.at)[0]
  }
}
