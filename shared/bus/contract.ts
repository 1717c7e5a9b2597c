import type { JournalRow } from '../journal/index.ts'

export type Listener = (rows: readonly JournalRow[]) => void

/**
 * Carries committed events from ingest to hubs, fast and without a promise: it may lose, repeat or delay
 * messages. The journal is the truth; a hub that sees a hole reads it there.
 */
export interface Bus {
  /** Tells who listens to `app` about rows that are already committed. Never throws, never waits. */
  publish(app: string, rows: readonly JournalRow[]): void
  /** @returns a function that ends the subscription */
  subscribe(app: string, listener: Listener): () => void
}
