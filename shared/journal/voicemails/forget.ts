import { forgetCaller, type VoicemailState } from '../../projections/index.ts'
import { columns, writeVoicemails, type Kept, type Row } from './rows.ts'
import type { Sql } from '../../database/index.ts'

/** Removes a number from a page of voicemails, and what was said in those that have it. */
export async function forgetInVoicemails(
  sql: Sql,
  app: string,
  { number, after, limit }: { number: string; after: string; limit: number },
): Promise<{ next: string | null; count: number }> {
  const rows = await sql.query<Row>(
    `select ${columns} from voicemails where app = $1 and id > $2 order by id limit $3`,
    app,
    after,
    limit,
  )
  const changed = rows.flatMap(({ id, call, first_seq, from_number, state: text }): Kept[] => {
    const before = JSON.parse(text) as VoicemailState
    const state = forgetCaller(before, number)
    const own = from_number === null ? call : null
    return state === before ? [] : [{ id, state, own, call: own, firstSeq: first_seq }]
  })
  writeVoicemails(sql, app, changed)
  return { next: rows.length < limit ? null : rows.at(-1)!.id, count: changed.length }
}
