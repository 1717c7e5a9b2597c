/** So many things a second on average, and a few more after a pause. */
export class Bucket {
  readonly #rate: number
  readonly #burst: number
  #tokens: number
  #at: number

  constructor(rate: number, burst: number, now = Date.now()) {
    this.#rate = rate
    this.#burst = burst
    this.#tokens = burst
    this.#at = now
  }

  /** @returns 0 if there is room for one more, else how long to wait for it, ms */
  take(now = Date.now()): number {
    // A clock that is set back takes nothing away.
    const passed = Math.max(0, now - this.#at)
    const refilled = this.#tokens + (passed / 1_000) * this.#rate
    this.#tokens = Math.min(this.#burst, refilled)
    this.#at = now
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) / this.#rate) * 1_000)
    this.#tokens -= 1
    return 0
  }
}
