import { recordOf, type CallRecord, type CallState } from '../../projections/index.ts'
import { resolveCall } from '../sql.ts'
import type { Database } from '../../database/index.ts'

export { events } from './events.ts'
export { list } from './list.ts'
export { listOld } from './old.ts'

/** See `Calls.find`. */
export async function find(db: Database, app: string, id: string): Promise<CallRecord | undefined> {
  const call = await resolveCall(db, app, id)
  if (call === undefined) return undefined
  const [row] = await db.query<{ state: string }>(
    'select state from calls where app = $1 and id = $2',
    app,
    call,
  )
  return row && recordOf(JSON.parse(row.state) as CallState, call)
}
