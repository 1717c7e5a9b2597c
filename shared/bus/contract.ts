import type { JournalRow } from '../journal/index.ts'
import type { RedisReports } from '../redis/index.ts'

export type Listener = (rows: readonly JournalRow[]) => void

/** What the outside is told about a bus over Redis. */
export interface BusReports extends RedisReports {
  /** A listener threw. */
  readonly onError: (error: unknown) => void
}

/**
 * Carries committed events from ingest to hubs, fast and without a promise: it may lose, repeat or delay
 * messages. The journal is the truth; a hub that sees a hole reads it there. A lost last message leaves no hole,
 * so a hub also asks the journal for its heads every second. The bus does not announce them: an announcement would
 * be lost in the very failures that it should reveal.
 */
export interface Bus {
  /** Tells who listens to `app` about rows that are already committed. Never throws, never waits. */
  publish(app: string, rows: readonly JournalRow[]): void
  /**
   * Between processes a subscription takes a moment to begin; what is published until then is in the journal.
   * @returns a function that ends the subscription
   */
  subscribe(app: string, listener: Listener): () => void
  /** Resolves while messages can flow. @throws with the reason in plain words while they cannot */
  ping(): Promise<void>
  /** Ends every subscription and connection, within a second. */
  close(): Promise<void>
}
