/** Somebody did something that operators may have to answer for. */
export interface AuditEntry {
  /** The app it concerns; null for the whole suite. */
  readonly app: string | null
  /** What was done, e.g. `delivery.replayed`. */
  readonly action: string
  /** Who did it: `internal` for the bearer of the internal secret, `user:<id>`, `system`. */
  readonly actor: string
  /** The address it was asked from; null if nobody asked. */
  readonly ip: string | null
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

/** Append-only: who did what, when, from where. */
export interface Audit {
  record(entry: AuditEntry): Promise<void>
  /** At most `limit` records of an app, the latest first. */
  list(app: string, limit: number): Promise<readonly AuditRecord[]>
}
