const everyMs = 200

/** A line on a terminal that counts, and is gone at the end; nothing where stderr is no terminal. */
export class Progress {
  readonly #what: string
  readonly #shown = process.stderr.isTTY
  #last = 0

  /** @param what e.g. `rows exported` */
  constructor(what: string) {
    this.#what = what
  }

  reach(count: number): void {
    const now = performance.now()
    if (!this.#shown || now - this.#last < everyMs) return
    this.#last = now
    process.stderr.write(`\r${count.toLocaleString('en')} ${this.#what} …`)
  }

  end(): void {
    // CSI K erases to the end of the line.
    if (this.#shown) process.stderr.write('\r\u001B[K')
  }
}
