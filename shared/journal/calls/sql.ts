import { recordOf, type CallRecord, type CallState } from '../../projections/index.ts'
import type { Database } from '../../database/index.ts'

export { events } from './events.ts'
export { list } from './list.ts'
export { listOld } from './old.ts'

/** At once: an id may become that of another call at any time. */
export const callById = `select id, state from calls where app = $1 and id = coalesce(
  (select call from call_aliases where app = $1 and alias = $2), $2)`

/** See `Calls.find`. */
export async function find(db: Database, app: string, id: string): Promise<CallRecord | undefined> {
  const [row] = await db.query<{ id: string; state: string }>(callById, app, id)
  return row && recordOf(JSON.parse(row.state) as CallState, row.id)
}
