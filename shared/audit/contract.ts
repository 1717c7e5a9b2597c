/** Who did something, and from where. */
export interface By {
  /** `internal` for the bearer of the internal secret, `user:<id>`, `system`. */
  readonly actor: string
  /** The address it was asked from; null if nobody asked. */
  readonly ip: string | null
}

/** Somebody did something that operators may have to answer for. */
export interface AuditEntry extends By {
  /** The app it concerns; null for the whole suite. */
  readonly app: string | null
  /** What was done, e.g. `delivery.replayed`. */
  readonly action: string
  /** What it was done to: an id, or a provider's name. */
  readonly target: string | null
  /** What else belongs to it; never a secret. */
  readonly detail?: Readonly<Record<string, unknown>>
}

export interface AuditRecord extends AuditEntry {
  /** UUID. */
  readonly id: string
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string
}

/** Which records of an app. */
export interface AuditSlice {
  /** Only those after this one in the list. */
  readonly after?: Pick<AuditRecord, 'at' | 'id'> | undefined
  /** Only those about its API keys. */
  readonly about?: 'api-key'
}

/** Append-only: who did what, when, from where. */
export interface Audit {
  record(entry: AuditEntry): Promise<void>
  /** At most `limit` records of an app, the latest first. */
  list(app: string, limit: number, slice?: AuditSlice): Promise<readonly AuditRecord[]>
  /** Removes at most `limit` of the records that were made before a time (RFC 3339). @returns how many */
  purgeOlderThan(before: string, limit: number): Promise<number>
}
