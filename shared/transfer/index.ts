import { exportRows } from './export.ts'
import { importRows } from './import.ts'
import type { Store } from '../database/index.ts'
import type { Moved, TransferSql, Watch, Write } from './contract.ts'

export { TransferError } from './errors.ts'
export { tables } from './tables.ts'
export type { Moved, Watch, Write } from './contract.ts'

/**
 * Writes everything a store holds, as it is at one moment, as lines of JSON: a header, the rows of every table, and a
 * last line with counts and a checksum, without which an export is none.
 * @throws TransferError in plain words, or what `write` throws
 */
export function exportStore(store: Store, write: Write, watch: Watch): Promise<Moved> {
  return within(store, (sql) => exportRows(sql, write, watch))
}

/**
 * Fills an empty store with an export: numbers, epoch and ids stay what they are. A store that was started once and
 * never used counts as empty. All of it is committed at the end, or nothing.
 * @throws TransferError in plain words, or what `source` throws
 */
export function importStore(
  store: Store,
  source: AsyncIterable<Buffer>,
  watch: Watch,
): Promise<Moved> {
  return within(store, (sql) => importRows(sql, source, watch))
}

/** However the move ends, its transaction does not stay open. */
async function within(store: Store, move: (sql: TransferSql) => Promise<Moved>): Promise<Moved> {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  try {
    return await move(sql)
  } finally {
    await sql.undo()
  }
}
