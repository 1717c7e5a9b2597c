import type { Allowed } from './setting.ts'

/** A page that was refused. */
export interface Refused {
  readonly origin: string
  readonly count: number
  /** RFC 3339. */
  readonly lastAt: string
  /** What would let it in; null: it would get in now. */
  readonly fix: string | null
}

/** A page that may connect until a day, and did. */
export interface Deprecated {
  readonly origin: string
  readonly until: string | null
  readonly successor: string | null
  readonly count: number
  /** RFC 3339. */
  readonly lastAt: string
  /** The latest user first. */
  readonly users: readonly string[]
}

/** What this process of the hub has seen since it started. */
export interface Origins {
  readonly allowed: readonly Allowed[]
  readonly refused: readonly Refused[]
  readonly deprecated: readonly Deprecated[]
}
