import { mergeCalls, type CallState } from '../projections/index.ts'
import type { CallEvent } from '../events/index.ts'

/** A call that rang here in vain: who called whom, and when it was over. */
export interface Missed {
  readonly from: string
  readonly to: string
  readonly at: string
}

/** What is known of a call. */
export interface KnownCall {
  readonly state: CallState
  readonly firstSeq: number
  /** When its last event was received; null for those of a time when nobody noted it. */
  readonly touchedAt: string | null
  readonly live: boolean
  readonly missed: Missed | null
}

/** Calls by their ids, and by which other ids they go. */
export interface KnownCalls {
  readonly calls: ReadonlyMap<string, KnownCall>
  readonly aliases: ReadonlyMap<string, string>
}

/** What an event is about, before it. */
export interface Subject {
  /** The id of the call from now on. */
  readonly id: string
  /** Null: nothing is known of it, it begins here. */
  readonly before: KnownCall | null
  /** Calls that turn out to be the same one. */
  readonly merged: readonly string[]
}

/** Ids per event beyond the first: they are a provider's to choose. */
const maxJoins = 16

/** The ids an event tells its call by, its own first; none if it is about no call. */
export function idsOf({ callId, joins }: CallEvent): readonly string[] {
  if (callId === null) return []
  if (joins.length === 0) return [callId]
  const others = joins.slice(0, maxJoins).filter((id) => id !== '' && id !== callId)
  return others.length === 0 ? [callId] : [...new Set([callId, ...others])]
}

/** The calls of an app while a batch is numbered: what was known, and what becomes of it. */
export class Book {
  readonly #known: KnownCalls
  /** Calls that changed, as they are now. */
  readonly calls = new Map<string, KnownCall>()
  /** Of the other ids that were met, those that were known. */
  readonly met = new Map<string, string>()
  /** Other ids that were not known. */
  readonly named = new Map<string, string>()
  /** Calls that became part of another one. */
  readonly gone = new Map<string, string>()
  /** Missed calls as they were before, where that has changed. */
  readonly wereMissed: Missed[] = []
  /** Whether an id led to a call of which nothing is known. */
  lost = false

  constructor(known: KnownCalls) {
    this.#known = known
  }

  /** What the event is about; null if that is no call. */
  subjectOf(event: CallEvent): Subject | null {
    const ids = idsOf(event)
    if (ids.length === 0) return null
    const found = [...new Set(ids.flatMap((id) => this.#callOf(id) ?? []))]
    const subject = this.#unite(found.length === 0 ? [ids[0]!] : found)
    for (const id of ids) if (id !== subject.id && !this.#knows(id)) this.named.set(id, subject.id)
    return subject
  }

  /** The call that an id leads to without a part in it, and what is known of it, which may be nothing. */
  lookUp(id: string): { readonly id: string; readonly known: KnownCall | null } {
    const call = this.#callOf(id)
    if (call === undefined) this.lost = true
    return { id: call ?? id, known: this.#get(call ?? id) ?? null }
  }

  /** Whether a call was there before the batch. */
  has(id: string): boolean {
    return this.#known.calls.has(id)
  }

  /** What a call was before the batch. */
  before(id: string): KnownCall | undefined {
    return this.#known.calls.get(id)
  }

  /** Writes down what a call has become. */
  put(id: string, call: KnownCall): void {
    const before = this.#get(id)?.missed
    if (before && !sameMissed(before, call.missed)) this.wereMissed.push(before)
    this.calls.set(id, call)
  }

  /** The call that an id leads to, after everything. */
  resolve(id: string): string {
    let call = id
    for (let next = this.#step(id); next !== undefined; next = this.#step(next)) call = next
    return call
  }

  #step(id: string): string | undefined {
    return this.gone.get(id) ?? this.named.get(id) ?? this.#known.aliases.get(id)
  }

  #knows(id: string): boolean {
    return this.gone.has(id) || this.named.has(id) || this.#known.aliases.has(id)
  }

  #get(id: string): KnownCall | undefined {
    return this.calls.get(id) ?? (this.gone.has(id) ? undefined : this.#known.calls.get(id))
  }

  #callOf(id: string): string | undefined {
    if (this.#get(id)) return id
    if (!this.#knows(id)) return undefined
    const call = this.resolve(id)
    if (this.#known.aliases.has(id)) this.met.set(id, call)
    if (!this.#get(call)) this.lost = true
    return call
  }

  /** The call that began first stays. */
  #unite(ids: readonly string[]): Subject {
    const [id, ...others] = ids.toSorted((a, b) => this.#began(a) - this.#began(b))
    let before = this.#get(id!) ?? null
    for (const other of others) {
      const part = this.#get(other)
      if (part?.missed) this.wereMissed.push(part.missed)
      if (part) before = before ? united(before, part) : part
      this.calls.delete(other)
      this.gone.set(other, id!)
    }
    return { id: id!, before, merged: others }
  }

  #began(id: string): number {
    return this.#get(id)?.firstSeq ?? Infinity
  }
}

function united(first: KnownCall, part: KnownCall): KnownCall {
  return {
    ...first,
    state: mergeCalls(first.state, part.state),
    touchedAt: later(first.touchedAt, part.touchedAt),
  }
}

/** The later of two times. */
export function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b
  return a > b ? a : b
}

export function sameMissed(a: Missed | null, b: Missed | null): boolean {
  return a?.from === b?.from && a?.to === b?.to && a?.at === b?.at
}
