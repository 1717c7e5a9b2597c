import type { CallEvent } from '../events/index.ts'
import type { CallRecord, VoicemailRecord } from '../projections/index.ts'

/** An authentic delivery with what it means, ready to be committed. */
export interface NewDelivery {
  /** UUID; the `raw_ref` of its events. */
  readonly id: string
  readonly app: string
  readonly provider: string
  readonly dedupeKey: string
  readonly receivedAt: string
  /** Headers and raw body, sealed. */
  readonly sealed: Uint8Array
  /** Empty and with a reason when the delivery is quarantined. */
  readonly events: readonly CallEvent[]
  readonly quarantine: string | null
  /** See `digestOf`; null when the delivery is quarantined. */
  readonly digest: Uint8Array | null
}

/** A numbered event, `data` as the JSON text that every transport sends unchanged. */
export interface JournalRow {
  readonly seq: number
  readonly id: string
  readonly type: string
  readonly time: string
  readonly call: string | null
  readonly late: boolean
  readonly data: string
}

/** What became of one delivery of a batch. */
export type Appended =
  | { readonly status: 'accepted'; readonly rows: readonly JournalRow[] }
  | {
      readonly status: 'duplicate' | 'quarantined'
      /** Its key is that of another delivery, which means something else; kept, for somebody to look at. */
      readonly conflict?: true
    }

/** Calls that have not ended, after exactly the events up to `seq`. */
export interface LiveCalls {
  readonly seq: number
  readonly calls: readonly CallRecord[]
}

/** Times RFC 3339. */
export interface StaleOptions {
  readonly before: string
  readonly time: string
  readonly limit: number
}

/** `before`: RFC 3339; at most `limit` events at a time. */
export interface PruneOptions {
  readonly before: string
  readonly limit: number
}

/** How much was taken away. */
export interface Pruned {
  readonly events: number
  readonly calls: number
  readonly voicemails: number
}

/** The durable, numbered log of every app's call events, and the call records they add up to. */
export interface Journal {
  /** Changes only when the journal itself is replaced. */
  readonly epoch: string
  /**
   * Commits a batch in one transaction, in order: deliveries seen before become `duplicate`, the events of new
   * ones get the next numbers of their app, without a hole. Resolves only when it is on disk.
   */
  append(batch: readonly NewDelivery[]): Promise<readonly Appended[]>
  /** At most `limit` events with a number above `after`, in order. */
  read(app: string, after: number, limit: number): Promise<readonly JournalRow[]>
  /** Notes for every app up to which number its log goes at a time, now (RFC 3339). */
  setMilestones(at: string): Promise<void>
  /** The last such number that was noted before a time: no event up to it was committed later. 0 if there is none. */
  milestone(app: string, before: string): Promise<number>
  /** The last number of each app. */
  heads(apps: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** At most `limit` live calls, the newest ones, oldest first. */
  liveCalls(app: string, limit: number): Promise<LiveCalls>
  /** The id of the call's record, by any id the call was ever told by; undefined if there is none. */
  resolveCall(app: string, id: string): Promise<string | undefined>
  /**
   * Ends at most `limit` live calls of which nothing was received since `before`, with an event of `time` for each.
   * @returns these events, numbered; fewer than `limit` when there are no more such calls
   */
  endStale(app: string, options: StaleOptions): Promise<readonly JournalRow[]>
  /**
   * Takes away at most `limit` of the oldest events, if they were received before a time, and the ended calls and
   * the voicemails that no event is left of. Numbers go on, and what came is still known as a duplicate.
   */
  prune(app: string, options: PruneOptions): Promise<Pruned>
  /** At most `limit` voicemails, the newest ones first. */
  voicemails(app: string, limit: number): Promise<readonly VoicemailRecord[]>
}
