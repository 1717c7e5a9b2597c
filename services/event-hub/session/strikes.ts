const minuteMs = 60_000

/** Counts what must not happen too often within a minute. */
export class Strikes {
  readonly #most: number
  #since = 0
  #last = 0
  #count = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Whether nothing was counted within the last so many milliseconds. */
  quietFor(now: number, ms: number): boolean {
    return now - this.#last >= ms
  }

  /** @returns whether that was once too often */
  add(now: number): boolean {
    if (now - this.#since > minuteMs) {
      this.#since = now
      this.#count = 0
    }
    this.#last = now
    this.#count += 1
    return this.#count >= this.#most
  }
}
