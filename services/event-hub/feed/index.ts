import { encode, type Encoded } from './encode.ts'
import { Ring } from './ring.ts'
import { Tail } from './tail.ts'
import { View } from './view.ts'
import type { Bus } from '@switchhook/shared/bus'
import type { Journal, JournalRow, LiveCalls } from '@switchhook/shared/journal'
import type { Role } from '@switchhook/plugins/auth'
import type { Options } from '../config.ts'

interface FeedOptions {
  readonly app: string
  readonly journal: Journal
  readonly bus: Bus
  readonly limits: Options
  readonly onError: (error: unknown) => void
}

/** How many events of history are read at a time. */
const page = 200

/** One app's events as this hub sends them: followed once, encoded once, shown to each view. */
export class Feed {
  readonly app: string
  readonly #journal: Journal
  readonly #limits: Options
  readonly #ring: Ring
  readonly #views = new Map<Role, View>()
  #tail!: Tail
  #snapshot: Promise<LiveCalls> | null = null

  private constructor({ app, journal, limits }: FeedOptions) {
    this.app = app
    this.#journal = journal
    this.#limits = limits
    this.#ring = new Ring({ maxEvents: limits.ringEvents, maxBytes: limits.ringBytes })
  }

  static async start(options: FeedOptions): Promise<Feed> {
    const feed = new Feed(options)
    feed.#tail = await Tail.start({ ...options, emit: (row) => feed.#accept(row) })
    return feed
  }

  get epoch(): string {
    return this.#journal.epoch
  }

  /** The number of the last event that views have seen. */
  get position(): number {
    return this.#tail.position
  }

  get views(): Iterable<View> {
    return this.#views.values()
  }

  view(role: Role): View {
    const view = this.#views.get(role) ?? new View(role, this.position)
    this.#views.set(role, view)
    return view
  }

  /** @returns events above `after` and not beyond `position` from the journal, oldest first, a page at most */
  async history(after: number): Promise<readonly Encoded[]> {
    const rows = await this.#journal.read(this.app, after, page)
    return rows.filter(({ seq }) => seq <= this.position).map(encode)
  }

  /** The same from memory; null if memory does not reach back that far. */
  recent(after: number, limit: number): readonly Encoded[] | null {
    return after === this.position ? [] : this.#ring.after(after, limit)
  }

  /** Live calls at a number the views have reached; those who ask at the same time share one read. */
  async snapshot(): Promise<LiveCalls> {
    this.#snapshot ??= this.#journal
      .liveCalls(this.app, this.#limits.snapshotCalls)
      .finally(() => (this.#snapshot = null))
    const snapshot = await this.#snapshot
    await this.reach(snapshot.seq)
    return snapshot
  }

  /** Asks the journal how far it goes, and resolves when the views have seen it all. */
  async learnHead(): Promise<void> {
    const heads = await this.#journal.heads([this.app])
    await this.reach(heads.get(this.app) ?? 0)
  }

  /** Resolves when the views have seen everything up to `seq`. */
  reach(seq: number): Promise<void> {
    return this.#tail.reach(seq)
  }

  noticeHead(head: number): void {
    this.#tail.noticeHead(head)
  }

  stop(): void {
    this.#tail.stop()
  }

  #accept(row: JournalRow): void {
    const event = encode(row)
    this.#ring.push(event)
    for (const view of this.#views.values()) view.push(event)
  }
}
