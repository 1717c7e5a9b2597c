import type { Store } from '../database/index.ts'

/** How often what processes keep in memory was changed in the store, by name; what never was is missing. */
export type Revisions = ReadonlyMap<string, number>

/** @returns what reads them, all in one query */
export function openRevisions(store: Store): () => Promise<Revisions> {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  return () => sql.all()
}
