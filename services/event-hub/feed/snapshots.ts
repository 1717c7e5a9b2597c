import type { LiveCalls } from '@switchhook/shared/journal'

/** A snapshot, and what it looks like to each view that asked. */
interface Taken {
  readonly calls: LiveCalls
  /** Unix milliseconds. */
  readonly at: number
  /** By the view's key. */
  readonly frames: Map<string, readonly Buffer[]>
}

/** A snapshot serves for so long: what happened since follows it from memory. */
const freshMs = 1_000

/**
 * An app's live calls at one number. Who asks at the same time shares one read of the journal, and so does who asks
 * within a second: thousands that come back at once cost the store no more than one.
 */
export class Snapshots {
  readonly #read: () => Promise<LiveCalls>
  #latest: Taken | null = null
  #reading: Promise<void> | null = null

  /** @param read resolves when the views have seen everything up to the snapshot's number */
  constructor(read: () => Promise<LiveCalls>) {
    this.#read = read
  }

  /** A snapshot that knows at least everything up to `seq`. @throws if the journal cannot be read */
  async atLeast(seq: number): Promise<Taken> {
    for (;;) {
      const latest = this.#latest
      if (latest && latest.calls.seq >= seq && Date.now() - latest.at < freshMs) return latest
      await (this.#reading ??= this.#take())
    }
  }

  /** What was taken shows calls to those they no longer belong to. */
  forget(): void {
    this.#latest = null
  }

  async #take(): Promise<void> {
    try {
      const calls = await this.#read()
      this.#latest = { calls, at: Date.now(), frames: new Map() }
    } finally {
      this.#reading = null
    }
  }
}
