import { setTimeout as pause } from 'node:timers/promises'
import { dial, type Dial } from './dial.ts'
import type { Connection } from './connection.ts'

/** Before the first attempt after a failure, in milliseconds; doubled each time. */
const firstPauseMs = 50
/** At most: with what connecting takes, a Redis that is back is in use again within two seconds. */
const longestPauseMs = 500

/** Is told how a link does: see `Condition`. */
interface Watcher {
  away(link: object, reason: Error): void
  back(link: object): void
}

export interface LinkOptions extends Omit<Dial, 'signal'> {
  readonly condition: Watcher
  /**
   * Uses a connection until it fails: throws why. Calls `working` whenever it has seen that the connection does what
   * it is for.
   */
  readonly serve: (connection: Connection, working: () => void) => Promise<never>
}

/** Keeps one connection for as long as it is wanted: when it fails, another is made, for ever. */
export class Link {
  readonly #options: LinkOptions
  readonly #stop = new AbortController()
  readonly #ended: Promise<void>
  #attempts = 0

  constructor(options: LinkOptions) {
    this.#options = options
    this.#ended = this.#run()
  }

  /** Ends the connection, or the attempt to make one, and resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('closed'))
    await this.#ended
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      const failure = await this.#once()
      if (signal.aborted) return
      this.#options.condition.away(this, failure)
      await pause(this.#nextPauseMs(), undefined, { signal }).catch(() => {})
    }
  }

  /** One connection, from its first to its last moment. @returns why it ended */
  async #once(): Promise<Error> {
    const { condition, serve, ...wanted } = this.#options
    let connection: Connection | undefined
    try {
      connection = await dial({ ...wanted, signal: this.#stop.signal })
      return await serve(connection, () => {
        this.#attempts = 0
        condition.back(this)
      })
    } catch (error) {
      connection?.destroy(error as Error)
      return error as Error
    }
  }

  /** Doubling up to the longest, of which a random half: processes do not come back as one. */
  #nextPauseMs(): number {
    const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#attempts)
    this.#attempts += 1
    return longest * (0.5 + Math.random() / 2)
  }
}
