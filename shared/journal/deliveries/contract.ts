import type { JournalRow, NewDelivery } from '../contract.ts'

/**
 * `accepted`: its events are in the log. `quarantined`: it meant nothing when it came. `conflict`: its key is that of
 * another one, which says something else. `duplicate`: quarantined, and then it turned out to be known. `purged`:
 * what it said was removed, whatever it was.
 */
export type DeliveryStatus = 'accepted' | 'quarantined' | 'conflict' | 'duplicate' | 'purged'

/** A delivery without what it said. */
export interface DeliveryItem {
  readonly id: string
  readonly app: string
  readonly provider: string
  readonly dedupeKey: string
  readonly status: DeliveryStatus
  /** Why it was quarantined. */
  readonly reason: string | null
  /** RFC 3339. */
  readonly receivedAt: string
  /** Octets that are kept, as they are sealed. */
  readonly bytes: number
}

/** A delivery with what it said. */
export interface KeptDelivery extends DeliveryItem {
  /** Empty when it was purged. */
  readonly sealed: Uint8Array
  /** The ids of its events. */
  readonly events: readonly string[]
}

/** `next` is `after` for the page that follows; null: none does. */
export interface DeliveryPage<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

export interface DeliveryFilter {
  readonly app: string
  readonly status?: DeliveryStatus | undefined
  readonly provider?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** Received from `from` to `to`, both included (RFC 3339, UTC, milliseconds). */
export interface DeliveryRange {
  readonly from: string
  readonly to: string
  /** Only those with events of this call, by any id it was ever told by. */
  readonly call?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** What became of a delivery that was quarantined; `duplicate`: another one had told it already. */
export type Revived =
  | { readonly status: 'accepted'; readonly rows: readonly JournalRow[] }
  | { readonly status: 'duplicate'; readonly rows: readonly [] }

/** What is known by a key of a provider. */
export interface Told {
  /** See `NewDelivery.digest`. */
  readonly digest: Uint8Array | null
  /** The first event that came of it; null if there was none, or it is no longer kept. */
  readonly event: Pick<JournalRow, 'id' | 'seq'> | null
}

/** How much a purge has removed something from. */
export interface Purged {
  readonly deliveries: number
  readonly events: number
  readonly calls: number
  readonly voicemails: number
}

/** What came, as it came: kept beside the log for as long as somebody may want to look at it. */
export interface Deliveries {
  /**
   * Those that came last first. Ends made up for stale calls are none. An `after` that is no `next` begins at the
   * first page.
   */
  list(filter: DeliveryFilter): Promise<DeliveryPage<DeliveryItem>>
  get(app: string, id: string): Promise<KeptDelivery | undefined>
  /** What a provider told under a key. */
  told(app: string, provider: string, dedupeKey: string): Promise<Told | undefined>
  /** Appends the events of a quarantined delivery that means something now, in one transaction. */
  revive(app: string, id: string, delivery: NewDelivery): Promise<Revived>
  /** Those that came first first. A page holds 8 MiB at most, or one delivery that is larger. */
  range(app: string, range: DeliveryRange): Promise<DeliveryPage<KeptDelivery>>
  /**
   * Removes what at most `limit` deliveries said that were received before a time (RFC 3339); that they came is
   * remembered, so that a late copy stays one. @returns how many they were
   */
  purgeOlderThan(app: string, before: string, limit: number): Promise<number>
  /** The same for one. @returns whether there was anything to remove */
  purgeDelivery(app: string, id: string): Promise<boolean>
  /**
   * Removes what deliveries said, of a whole app or of a phone number (E.164). For a number: of all deliveries with an
   * event in which it stands, and from these events, calls and voicemails too. Such an event keeps its number, id,
   * type, time and call, and says `purged`, so the log has no hole. What was quarantined or in conflict has no events
   * and cannot be found by a number: remove it one by one, or wait for its age. Takes as many transactions as it needs.
   */
  purge(app: string, options: { readonly number?: string }): Promise<Purged>
}
