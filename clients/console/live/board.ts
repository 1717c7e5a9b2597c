import { isEnding, recordAfter } from './record.ts'
import type { EventFrame } from '@switchhook/shared/events'
import type { CallRecord } from '@switchhook/shared/projections'
import type { Snapshot } from '@switchhook/browser'

/** A call on the board; replaced, never changed, so a row knows by identity whether it is up to date. */
export interface BoardCall {
  readonly record: CallRecord
  /** Records do not carry it: known only when its event came by. */
  readonly callerName: string | null
  /** When it came on the board, by its own clock: its place, which never changes. */
  readonly since: string
  /** When an ended call leaves the board, Unix milliseconds; null while it lives. */
  readonly leavesAt: number | null
}

/** How long an ended call stays to be looked at. */
const lingerMs = 120_000
const maxEnded = 50
/** More live calls than a snapshot ever has; beyond, the oldest give way. */
const maxLive = 5_000
/** For the detail panel: the last events of all calls together. */
const maxEvents = 5_000

/** The calls now and those that just ended, from a snapshot and the events after it. */
export class Board {
  readonly #calls = new Map<string, BoardCall>()
  readonly #lastEventAt = new Map<string, number>()
  #events: EventFrame[] = []
  /** Whether it is known what is live: before the first snapshot nothing is, not even that there are no calls. */
  loaded = false

  get calls(): Iterable<BoardCall> {
    return this.#calls.values()
  }

  call(id: string): BoardCall | undefined {
    return this.#calls.get(id)
  }

  /** The events of a call that came by while the page was open, newest first. */
  eventsOf(id: string): EventFrame[] {
    return this.#events.filter(({ call }) => call === id).toReversed()
  }

  /** When each provider was last heard of, Unix milliseconds. */
  get providers(): ReadonlyMap<string, number> {
    return this.#lastEventAt
  }

  /** Replaces what is live; a call that is not in the snapshot is no longer claimed to be. */
  snapshot({ calls }: Snapshot): void {
    this.loaded = true
    const before = new Map(this.#calls)
    for (const [id, { leavesAt }] of before) if (leavesAt === null) this.#calls.delete(id)
    for (const record of calls) {
      const known = before.get(record.id)
      const { callerName = null, since = startOf(record) } = known ?? {}
      this.#calls.set(record.id, { record, callerName, since, leavesAt: null })
      this.#heard(record.provider, Date.parse(record.last_event.time))
    }
  }

  /** Applies an event; `now` is the hub's time. @returns whether it brought a new call */
  event(frame: EventFrame, now: number): boolean {
    this.#remember(frame)
    const id = frame.call
    // What has no state is a remark on a call, not a part of it.
    if (id === null || frame.data.state === null) return false
    const known = this.#calls.get(id) ?? this.#partOf(id, frame)
    for (const part of mergedIn(frame)) this.#calls.delete(part)
    if (!known && isEpilogue(frame)) return false
    const call = callAfter(known, frame, now)
    this.#calls.set(id, call)
    this.#heard(call.record.provider, happenedAt(frame, now))
    return !known && call.leavesAt === null
  }

  /** Removes what has lingered, and what is too much; `keep` is being looked at. @returns whether anything left */
  sweep(now: number, keep: string | null): boolean {
    const before = this.#calls.size
    const ended: string[] = []
    for (const [id, { leavesAt }] of this.#calls) {
      if (leavesAt === null || id === keep) continue
      if (leavesAt <= now) this.#calls.delete(id)
      else ended.push(id)
    }
    for (const id of ended.slice(0, -maxEnded)) this.#calls.delete(id)
    if (this.#calls.size > maxLive + maxEnded) this.#dropOldest()
    return this.#calls.size !== before
  }

  /** A call that turned out to be a part of this one and is on the board stands for it. */
  #partOf(id: string, frame: EventFrame): BoardCall | undefined {
    const part = mergedIn(frame).find((other) => this.#calls.has(other))
    const call = part === undefined ? undefined : this.#calls.get(part)
    return call && { ...call, record: { ...call.record, id } }
  }

  #dropOldest(): void {
    const live = [...this.#calls.values()].filter(({ leavesAt }) => leavesAt === null)
    for (const { record } of live.sort(newestFirst).slice(maxLive)) this.#calls.delete(record.id)
  }

  #remember(frame: EventFrame): void {
    this.#events.push(frame)
    // In one go now and then: shifting each time would move thousands.
    if (this.#events.length > 2 * maxEvents) this.#events = this.#events.slice(-maxEvents)
  }

  #heard(provider: string, at: number): void {
    if (provider !== '')
      this.#lastEventAt.set(provider, Math.max(at, this.#lastEventAt.get(provider) ?? 0))
  }
}

/** The order on the board: by arrival, so that no change of state moves a row. */
export function newestFirst(a: BoardCall, b: BoardCall): number {
  if (a.since !== b.since) return a.since < b.since ? 1 : -1
  return a.record.id < b.record.id ? -1 : 1
}

function startOf({ initiated_at, ringing_at, answered_at, last_event }: CallRecord): string {
  return initiated_at ?? ringing_at ?? answered_at ?? last_event.time
}

function callAfter(known: BoardCall | undefined, frame: EventFrame, now: number): BoardCall {
  const record = recordAfter(known?.record, frame)
  const leavesAt = known?.leavesAt ?? lingerMs + happenedAt(frame, now)
  return {
    record,
    callerName: nameIn(frame) ?? known?.callerName ?? null,
    since: known?.since ?? startOf(record),
    leavesAt: record.phase === 'ended' ? leavesAt : null,
  }
}

function mergedIn({ data }: EventFrame): readonly string[] {
  return data.call?.merged ?? []
}

/** What is added to a call that ended before the page was opened does not bring it back. */
function isEpilogue(frame: EventFrame): boolean {
  return frame.data.state?.phase === 'ended' && !isEnding(frame)
}

function nameIn({ data }: EventFrame): string | null {
  const name = data.details['caller_name']
  return typeof name === 'string' && name !== '' ? name : null
}

/** Now, but for what is replayed: a call that ended long ago does not linger as if it had ended now. */
function happenedAt({ replay, time }: EventFrame, now: number): number {
  return replay ? Date.parse(time) : now
}
