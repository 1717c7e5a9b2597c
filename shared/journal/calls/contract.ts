import type { CallRecord } from '../../projections/index.ts'
import type { JournalRow } from '../contract.ts'

/** Where a call is in the lists, newest first. */
export interface Place {
  /** When the call began, RFC 3339. */
  readonly startedAt: string
  /** The number of its first event. */
  readonly firstSeq: number
}

/** Calls that have something in common. */
export interface Group {
  /** See `listOfAddress` and `listOfAgent`. */
  readonly list: string
  /** Of this provider's calls alone; null: whosever they are. */
  readonly provider: string | null
}

/** Which calls are asked for; null: any. */
export interface CallQuery {
  readonly state: 'live' | 'ended' | null
  /** When they began, RFC 3339 in UTC with milliseconds: not before `from`, and before `to`. */
  readonly from: string | null
  readonly to: string | null
  readonly provider: string | null
  readonly direction: string | null
  /** A call is in one group, at least, of each of these; at most `maxGroups` in all are looked at. */
  readonly groups: readonly (readonly Group[])[]
  /** After this place. */
  readonly after: Place | null
  readonly limit: number
}

export interface ListedCall {
  readonly place: Place
  readonly record: CallRecord
}

/** Some calls, newest first, as they are after exactly the events up to `seq`. */
export interface ListedCalls {
  readonly seq: number
  readonly calls: readonly ListedCall[]
  /** Where to go on: there may be more. Null: there are none. */
  readonly next: Place | null
}

/** Which events of a call are asked for. */
export interface EventsOfCall {
  readonly call: string
  /** The number to continue after; null: the newest ones are asked for. */
  readonly after: number | null
  readonly limit: number
}

/** Events of a call, oldest first. */
export interface CallEvents {
  readonly rows: readonly JournalRow[]
  /** Whether the call has more: later ones, or of the newest, earlier ones. */
  readonly more: boolean
}

/** The calls of every app, as they are asked for one by one and in lists. */
export interface Calls {
  list(app: string, query: CallQuery): Promise<ListedCalls>
  /** The call, by any id it was ever told by; undefined if there is none. */
  find(app: string, id: string): Promise<CallRecord | undefined>
  /** What was told of a call under any of its ids. */
  events(app: string, asked: EventsOfCall): Promise<CallEvents>
  /** Lists some calls of a time before there were lists. @returns whether there are more */
  listOld(): Promise<boolean>
}
