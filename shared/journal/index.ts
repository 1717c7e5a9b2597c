import type { Store } from '../database/index.ts'
import type { Journal } from './contract.ts'

export type { Appended, Journal, JournalRow, LiveCalls, NewDelivery } from './contract.ts'

/** Opens the journal in a store; a fresh store gets its epoch here. */
export async function openJournal(store: Store): Promise<Journal> {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  const epoch = await sql.epoch()
  return {
    epoch,
    append: (batch) => sql.append(batch),
    read: (app, after, limit) => sql.read(app, after, limit),
    heads: async (apps) => new Map(await sql.heads(apps)),
    liveCalls: (app, limit) => sql.liveCalls(app, limit),
  }
}
