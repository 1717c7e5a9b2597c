import { windowMs, type Tally } from './contract.ts'

/** Keys that are counted at a time; the one not seen for longest is forgotten, which starts its count anew. */
const maxKeys = 10_000

interface Window {
  count: number
  readonly endsAt: number
}

/** Counts in this process. */
export class LocalCounts {
  readonly #windows = new Map<string, Window>()

  /** @param now whole milliseconds of a clock that is never set; fractions would make a window longer than it is */
  take(key: string, now = Math.floor(performance.now())): Tally {
    const known = this.#windows.get(key)
    const window = known && known.endsAt > now ? known : { count: 0, endsAt: now + windowMs }
    window.count += 1
    // Goes to the end: what stands at the front was not seen for longest.
    this.#windows.delete(key)
    this.#windows.set(key, window)
    if (this.#windows.size > maxKeys) this.#forgetOldest()
    return { count: window.count, resetMs: window.endsAt - now }
  }

  #forgetOldest(): void {
    for (const key of this.#windows.keys()) return void this.#windows.delete(key)
  }
}
