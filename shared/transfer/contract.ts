import type { Procedures } from '../database/index.ts'
import type { Identity } from './sql.ts'

/** The procedures of a move, bound to a store. */
export type TransferSql = Procedures<typeof import('./sql.ts')>

/** What moved. */
export interface Moved {
  readonly epoch: string
  readonly migration: Identity['migration']
  /** How many rows of each table. */
  readonly rows: Readonly<Record<string, number>>
  readonly sha256: string
}

/** How a move is watched, and ended early. */
export interface Watch {
  /** Told how many rows have moved. */
  onRows?(rows: number): void
  readonly signal: AbortSignal
}

/** Where an export goes: more octets follow when it has taken these. */
export type Write = (octets: Buffer) => Promise<void>
