/** A delivery in the list. */
export interface Delivery {
  readonly id: string
  readonly provider: string
  readonly status: string
  /** Why it was quarantined. */
  readonly reason: string | null
  /** RFC 3339. */
  readonly receivedAt: string
  readonly bytes: number
}

/** A delivery with what it said, as far as that is shown. */
export interface KeptDelivery extends Delivery {
  readonly dedupeKey: string
  /** The ids of its events. */
  readonly events: readonly string[]
  /** Null when it was purged. */
  readonly request: {
    readonly method: string
    readonly url: string
    readonly headers: Readonly<Record<string, string | readonly string[]>>
    /** Text, or JSON that was masked. */
    readonly body: unknown
  } | null
}

/** What became of one that was run again. */
export interface Rerun {
  readonly status: string
  readonly events: readonly string[]
}
