import type { Bus } from '@switchhook/shared/bus'
import type { Journal, JournalRow } from '@switchhook/shared/journal'

interface TailOptions {
  readonly app: string
  readonly journal: Journal
  readonly bus: Bus
  /** Gets every event once, in order, without a hole. */
  readonly emit: (row: JournalRow) => void
  readonly onError: (error: unknown) => void
}

/** How much is read from the journal at a time. */
const page = 500

/**
 * Follows an app's events. The bus brings them fast and may lose any; the journal knows them all. A number that
 * is not the next one means a hole, and a head beyond our position a lost last message: both are read back.
 */
export class Tail {
  readonly #options: TailOptions
  readonly #unsubscribe: () => void
  #position = 0
  /** The highest number we know to exist. */
  #head = 0
  #catchingUp: Promise<void> | null = null
  #started = false

  private constructor(options: TailOptions) {
    this.#options = options
    this.#unsubscribe = options.bus.subscribe(options.app, (rows) => this.#receive(rows))
  }

  /** Starts at the journal's head: everything committed after this call began will be emitted. */
  static async start(options: TailOptions): Promise<Tail> {
    const tail = new Tail(options)
    try {
      const heads = await options.journal.heads([options.app])
      tail.#position = heads.get(options.app) ?? 0
      tail.#started = true
      // The bus may have brought numbers beyond the head while it was being read.
      await tail.reach(tail.#head)
      return tail
    } catch (error) {
      tail.stop()
      throw error
    }
  }

  /** The number of the last emitted event. */
  get position(): number {
    return this.#position
  }

  /** The highest number we know to exist. */
  get head(): number {
    return this.#head
  }

  /** Learns how far the journal goes; what is missing is on its way when this returns. */
  noticeHead(head: number): void {
    this.reach(head).catch(this.#options.onError)
  }

  /** Resolves when everything up to `seq` has been emitted. @throws if the journal cannot be read */
  async reach(seq: number): Promise<void> {
    this.#head = Math.max(this.#head, seq)
    while (this.#position < seq) {
      try {
        await (this.#catchingUp ??= this.#catchUp())
      } catch (error) {
        // Shared with others, it may have failed beyond what is asked for here.
        if (this.#position < seq) throw error
      }
    }
  }

  stop(): void {
    this.#unsubscribe()
  }

  #receive(rows: readonly JournalRow[]): void {
    for (const row of rows) {
      this.#head = Math.max(this.#head, row.seq)
      if (this.#started) this.#accept(row)
    }
    if (this.#started && this.#position < this.#head) this.noticeHead(this.#head)
  }

  /** What is not the next event is dropped: an old one was emitted, a later one will be read back in its turn. */
  #accept(row: JournalRow): void {
    if (row.seq !== this.#position + 1) return
    this.#position = row.seq
    this.#options.emit(row)
  }

  async #catchUp(): Promise<void> {
    const { app, journal } = this.#options
    try {
      while (this.#position < this.#head) {
        const from = this.#position
        for (const row of await journal.read(app, from, page)) this.#accept(row)
        if (this.#position > from) continue
        // The bus named a number that does not exist: believed for ever, nothing could be reached any more.
        this.#head = from
        throw new Error(`the journal of ${app} ends at ${from}`)
      }
    } finally {
      this.#catchingUp = null
    }
  }
}
