import { columns, recordOfRow, type Row } from './rows.ts'
import { whereOf } from './where.ts'
import type { Database, Sql } from '../../database/index.ts'
import type { VoicemailRecord } from '../../projections/index.ts'
import type { VoicemailFilter } from './contract.ts'

/** Voicemails that a call tells of: callers leave one. */
const maxOfCall = 100

/** See `Voicemails.list`. */
export async function list(db: Database, filter: VoicemailFilter): Promise<VoicemailRecord[]> {
  const { text, values } = whereOf(db, filter)
  const rows = await db.query<Row>(
    `select ${columns} from voicemails where ${text}
     order by left_at desc, id desc limit $${values.length + 1}`,
    ...values,
    filter.limit,
  )
  return rows.map(recordOfRow)
}

/** See `Voicemails.get`. */
export async function get(
  db: Database,
  app: string,
  id: string,
): Promise<VoicemailRecord | undefined> {
  const [row] = await db.query<Row>(
    `select ${columns} from voicemails where app = $1 and id = $2`,
    app,
    id,
  )
  return row && recordOfRow(row)
}

/** See `Voicemails.ofCall`. */
export async function ofCall(db: Database, app: string, call: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select id from voicemails where app = $1 and call = $2 order by left_at desc, id desc limit $3`,
    app,
    call,
    maxOfCall,
  )
  return rows.map(({ id }) => id).toReversed()
}

/** See `Journal.voicemails`. */
export async function readVoicemails(
  sql: Sql,
  app: string,
  limit: number,
): Promise<VoicemailRecord[]> {
  const rows = await sql.query<Row>(
    `select ${columns} from voicemails where app = $1 order by first_seq desc limit $2`,
    app,
    limit,
  )
  return rows.map(recordOfRow)
}
