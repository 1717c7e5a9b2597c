/** So many reads of history run at once in a process: clients that come back must not take the store from webhooks. */
const maxReaders = 4

/** Reads pages of the journal for those who are behind; who asks for the same page shares the reading. */
export class Reader {
  readonly #reading = new Map<string, Promise<unknown>>()
  /** One for each page that is asked for; there are no more of them than sockets. */
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** @param key names what is read */
  read<T>(key: string, work: () => Promise<T>): Promise<T> {
    const reading = this.#reading.get(key) as Promise<T> | undefined
    if (reading) return reading
    const begun = this.#inTurn(work).finally(() => this.#reading.delete(key))
    this.#reading.set(key, begun)
    return begun
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= maxReaders) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#running += 1
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}
