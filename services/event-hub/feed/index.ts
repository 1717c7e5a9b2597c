import { encode, type Encoded } from './encode.ts'
import type { Form } from './forms.ts'
import { Moves } from './moves.ts'
import { ownChannels, Parties, type Move } from './parties.ts'
import { presenceFrames, presenceParts, snapshotFrames } from './parts.ts'
import { Ring } from './ring.ts'
import { Snapshots } from './snapshots.ts'
import { Tail } from './tail.ts'
import { View, viewKey, type ViewSpec } from './view.ts'
import type { Reader } from './reader.ts'
import type { Bus } from '@switchhook/shared/bus'
import type { Journal, JournalRow, LiveCalls } from '@switchhook/shared/journal'
import type { Mappings } from '@switchhook/shared/mappings'
import type { EventData } from '@switchhook/shared/events'
import type { ControlFrame } from '@switchhook/shared/protocol'
import type { Options } from '../config.ts'
import type { Presence } from '../presence/index.ts'

/** An event that goes out live. */
export interface LiveEvent {
  readonly app: string
  readonly type: string
  readonly data: EventData
  readonly channels: readonly string[]
}

export interface FeedOptions {
  readonly app: string
  readonly journal: Journal
  readonly bus: Bus
  readonly mappings: Mappings
  /** Of this process's only one. */
  readonly reader: Reader
  readonly limits: Options
  readonly presence: Pick<Presence, 'list' | 'watch'>
  readonly onEvent?: (event: LiveEvent) => void
  /** Told of every write to members of a view. */
  readonly onWrite?: (members: number) => void
  readonly onError: (error: unknown) => void
}

/** Some of the past; or why it cannot be had, and the oldest event there is. */
export type Portion =
  | { readonly events: readonly Encoded[]; readonly held: boolean }
  | { readonly missing: 'too_many' | 'too_old'; readonly oldest: number }

/** Live calls after exactly the events up to `seq`, as frames. */
export interface Snapshot {
  readonly seq: number
  readonly frames: readonly Buffer[]
}

/** How many events of history are read at a time. */
const page = 200
/** So many of the newest events tell which queue their calls are in. */
const known = 1_000
/** How much of it goes out at a time, bytes: a client that does not read gets no more. */
const pageBytes = 131_072

/** One app's events as this hub sends them: followed once, encoded once, shown to each view. */
export class Feed {
  readonly app: string
  readonly #options: FeedOptions
  readonly #ring: Ring
  readonly #parties: Parties
  readonly #moves = new Moves()
  readonly #views = new Map<string, View>()
  /** The views to look at for an event in a channel. */
  readonly #byChannel = new Map<string, Set<View>>()
  readonly #snapshots: Snapshots
  #tail!: Tail
  #unwatch: () => void = () => {}
  #mapped: number

  private constructor(options: FeedOptions) {
    const { app, mappings, limits } = options
    this.app = app
    this.#options = options
    this.#ring = new Ring({
      maxEvents: limits.ringEvents,
      maxBytes: limits.ringBytes,
      maxAgeMs: limits.ringSeconds * 1_000,
    })
    this.#parties = new Parties(app, mappings)
    this.#mapped = mappings.revision
    this.#snapshots = new Snapshots(() => this.#readSnapshot())
  }

  /** Follows the app from now on, knowing whose its live calls are. @throws if the journal cannot be read */
  static async start(options: FeedOptions): Promise<Feed> {
    const feed = new Feed(options)
    // What comes meanwhile is shown when it is known whose it is.
    let early: JournalRow[] | null = []
    const emit = (row: JournalRow): void => (early ? void early.push(row) : feed.#accept(row))
    feed.#tail = await Tail.start({ ...options, emit })
    try {
      await feed.#learnParties(feed.position)
    } catch (error) {
      feed.stop()
      throw error
    }
    feed.#moves.all(early[0] ? early[0].seq - 1 : feed.position)
    const rows = early
    early = null
    for (const row of rows) feed.#accept(row)
    feed.#unwatch = options.presence.watch(options.app, (diff) => {
      for (const data of presenceParts(diff)) feed.announce('presence', { event: 'presence', data })
    })
    return feed
  }

  get epoch(): string {
    return this.#options.journal.epoch
  }

  /** The number of the last event that views have seen. */
  get position(): number {
    return this.#tail.position
  }

  /** How far the journal goes, as far as this hub knows. */
  get head(): number {
    return this.#tail.head
  }

  /** The view of a spec, to be given back with `close`. */
  open(spec: ViewSpec): View {
    const key = viewKey(spec)
    const view = this.#views.get(key) ?? this.#newView(key, spec)
    view.holders += 1
    return view
  }

  /** Nobody's view is forgotten. */
  close(view: View): void {
    view.holders -= 1
    if (view.holders > 0) return
    this.#views.delete(view.key)
    for (const channel of view.channels) {
      const views = this.#byChannel.get(channel)
      views?.delete(view)
      if (views?.size === 0) this.#byChannel.delete(channel)
    }
  }

  /** @returns events above `after` and not beyond `position` from the journal, oldest first, a page at most */
  async history(after: number, limit = page): Promise<readonly Encoded[]> {
    const { reader, journal } = this.#options
    const rows = await reader.read(`${this.app}/${after}/${limit}`, async () =>
      (await journal.read(this.app, after, limit)).map((row) => encode(row, ownChannels(row))),
    )
    return rows.filter(({ seq }) => seq <= this.position)
  }

  /** The same from memory; null if memory does not reach back that far. */
  recent(after: number, limit: number): readonly Encoded[] | null {
    return after === this.position ? [] : this.#ring.after(after, limit, pageBytes)
  }

  /** Whether a call is somebody's who may see these channels, as far as this hub knows. */
  async belongsTo(call: string, channels: readonly string[]): Promise<boolean> {
    // Another hub may have shown it already.
    if (!this.#parties.isOwn(call, channels)) await this.learnHead()
    return this.#parties.isOwn(call, channels)
  }

  /** Events above `after` for a view, oldest first: from memory, or the journal. @throws if that cannot be read */
  async portion(view: View, after: number, limit: number): Promise<Portion> {
    const held = this.recent(after, limit)
    // Whose an event of long ago was, only memory knows.
    if (held === null && view.byOwner)
      return { missing: 'too_many', oldest: this.#ring.oldest ?? this.position }
    const events = held ?? (await this.history(after))
    const oldest = events[0]?.seq ?? this.position + 1
    if (after < this.position && oldest !== after + 1) return { missing: 'too_old', oldest }
    return { events, held: held !== null }
  }

  /** Whether what a view shows of the time after `seq` can no longer be told from its events alone. */
  changedSince(view: View, seq: number): boolean {
    return view.byOwner && this.#moves.since(seq, view.channels)
  }

  /**
   * The frames of a view's live calls, at a number the views have reached and that is not below `seq`. Who asks for the
   * same ones gets the same bytes. @throws if the journal cannot be read
   */
  async snapshot(view: View, seq: number): Promise<Snapshot> {
    const { calls, frames } = await this.#snapshots.atLeast(seq)
    let own = frames.get(view.key)
    if (!own) {
      const shown = calls.calls.filter((call) => view.shows(this.#parties.channelsOf(call)))
      const agents = view.channels.includes('presence') ? this.#options.presence.list(this.app) : []
      frames.set(
        view.key,
        (own = snapshotFrames({ seq: calls.seq, calls: shown }, agents, view.form)),
      )
    }
    return { seq: calls.seq, frames: own }
  }

  /** How all agents are, as frames. */
  presence(form: Form): Buffer[] {
    return presenceFrames(this.#options.presence.list(this.app), form)
  }

  /** Asks the journal how far it goes, and resolves when the views have seen it all. */
  async learnHead(): Promise<void> {
    const heads = await this.#options.journal.heads([this.app])
    await this.reach(heads.get(this.app) ?? 0)
  }

  /** Resolves when the views have seen everything up to `seq`. */
  reach(seq: number): Promise<void> {
    return this.#tail.reach(seq)
  }

  noticeHead(head: number): void {
    this.#tail.noticeHead(head)
  }

  /** Tells everyone that there is nothing before the next event. */
  announceHead(): void {
    for (const view of this.#views.values()) view.announceHead(this.position)
  }

  /** Sends a frame without a number to the views of a channel; to legacy sockets only what they asked for. */
  announce(channel: string, { event, data }: ControlFrame): void {
    const frameOf = oncePerForm((form) => form.control(event, data))
    for (const view of this.#byChannel.get(channel) ?? []) {
      if (view.form.modern || channel === 'presence') view.announce(frameOf(view.form))
    }
  }

  /** Looks after what changes with time: old events, and who is who. */
  sweep(now: number): void {
    this.#ring.expire(now)
    const { revision } = this.#options.mappings
    if (revision === this.#mapped) return
    this.#mapped = revision
    if (!this.#parties.remap()) return
    this.#moves.all(this.position)
    this.#snapshots.forget()
    for (const view of this.#views.values()) if (view.byOwner) view.change()
  }

  stop(): void {
    this.#unwatch()
    this.#tail.stop()
  }

  #newView(key: string, spec: ViewSpec): View {
    const { limits, onWrite } = this.#options
    const options = { coalesceMs: limits.coalesceMs, ...(onWrite && { onWrite }) }
    const view = new View(spec, this.position, options)
    this.#views.set(key, view)
    for (const channel of view.channels) {
      const views = this.#byChannel.get(channel)
      if (views) views.add(view)
      else this.#byChannel.set(channel, new Set([view]))
    }
    return view
  }

  /** Of the newest events, and of the calls that are older than those. */
  async #learnParties(position: number): Promise<void> {
    const { journal, app, limits } = this.#options
    const rows = await journal.read(app, Math.max(0, position - known), known)
    for (const row of rows) if (row.seq <= position) this.#parties.place(row)
    const { calls } = await journal.liveCalls(app, limits.snapshotCalls)
    for (const call of calls) this.#parties.learn(call)
  }

  #accept(row: JournalRow): void {
    const { data, channels, moves } = this.#parties.place(row)
    const event = encode(row, channels)
    this.#ring.push(event)
    for (const view of this.#viewsOf(channels)) view.push(event)
    for (const move of moves) this.#tellMove(move, row.seq)
    this.#options.onEvent?.({ app: this.app, type: row.type, data, channels })
  }

  #tellMove(move: Move, seq: number): void {
    const touched = [`call:${move.call}`, ...move.before, ...move.after]
    this.#moves.note(seq, touched)
    for (const view of this.#viewsOf(touched)) view.move(move, seq)
  }

  #viewsOf(channels: readonly string[]): Set<View> {
    const views = new Set<View>()
    for (const channel of channels) {
      for (const view of this.#byChannel.get(channel) ?? []) views.add(view)
    }
    return views
  }

  async #readSnapshot(): Promise<LiveCalls> {
    const { journal, limits } = this.#options
    const snapshot = await journal.liveCalls(this.app, limits.snapshotCalls)
    await this.reach(snapshot.seq)
    return snapshot
  }
}

/** Makes a frame for each form it is asked for, and keeps it. */
function oncePerForm(make: (form: Form) => Buffer): (form: Form) => Buffer {
  const made = new Map<string, Buffer>()
  return (form) => {
    const frame = made.get(form.name) ?? make(form)
    made.set(form.name, frame)
    return frame
  }
}
