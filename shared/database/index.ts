import { openEmbedded } from './embedded.ts'
import { isPostgres, type StoreOptions } from './options.ts'
import type { Store } from './contract.ts'
import type { History } from './migrate.ts'

export { inTurn } from './in-turn.ts'
export { isPostgres, StoreOptions, storeMistakes } from './options.ts'
export type {
  Database,
  Insert,
  Mode,
  Procedures,
  Sql,
  Statement,
  Store,
  Value,
  Write,
} from './contract.ts'

export type { History } from './migrate.ts'

/** Who is told what befalls a store while it is open. */
export interface StoreEvents {
  /** The store ended and cannot come back in this process. */
  readonly onCrash: (error: Error) => void
  /** A connection was lost; the next statement opens another one. */
  readonly onDisconnect: (error: Error) => void
}

/**
 * Opens PostgreSQL where an address of it is given, else the embedded store, with its schema up to date.
 * @throws in plain words if it cannot be reached, trusted with an acknowledged event, or migrated
 */
export async function openStore(options: StoreOptions, events: StoreEvents): Promise<Store> {
  if (!isPostgres(options)) return openEmbedded({ dataDir: options.dataDir, ...events })
  // An embedded process never loads the driver.
  const { openPostgres } = await import('./postgres.ts')
  return openPostgres(options, events)
}

/** The steps of a store's schema, and which of them it got when it was opened. */
export function historyOf(store: Store): Promise<History> {
  const module = import.meta.resolve('./migrate.ts')
  return store.procedures<typeof import('./migrate.ts')>(module).history()
}
