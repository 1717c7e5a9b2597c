import { columns, type Row } from './rows.ts'
import type { Sql } from '../../database/index.ts'

/** How long after a missed call a voicemail may be its own. */
const linkMs = 600_000
/** Voicemails that are looked at again when a missed call turns up; a caller leaves few in ten minutes. */
const maxRelinked = 100

/** Those of these voicemails whose call the provider did not tell. */
export function unlinked(sql: Sql, app: string, ids: readonly string[]): Promise<Row[]> {
  return sql.query<Row>(
    `select ${columns} from voicemails
     where app = $1 and id ${sql.among('$2')} and from_number is not null`,
    app,
    JSON.stringify(ids),
  )
}

/** Those that the caller of a missed call may have left in it. */
export function leftAfter(
  sql: Sql,
  app: string,
  { from, at }: { from: string; at: string },
): Promise<Row[]> {
  return sql.query<Row>(
    `select ${columns} from voicemails
     where app = $1 and from_number = $2 and received_at between $3 and $4
     order by received_at limit $5`,
    app,
    from,
    at,
    shifted(at, linkMs),
    maxRelinked,
  )
}

/** Links it to the missed call that it belongs to, if there is exactly one; to none if not. */
export async function link(sql: Sql, app: string, row: Row): Promise<void> {
  const received = row.received_at!
  const calls = await sql.query<{ id: string }>(
    `select id from calls
     where app = $1 and missed_from = $2 and missed_to = $3 and missed_at between $4 and $5 limit 2`,
    app,
    row.from_number,
    row.to_number,
    shifted(received, -linkMs),
    received,
  )
  const call = calls.length === 1 ? calls[0]!.id : null
  if (call === row.call) return
  void sql.query('update voicemails set call = $3 where app = $1 and id = $2', app, row.id, call)
}

/** A time so much later; one that is no time stays what it is, and finds nothing. */
function shifted(time: string, ms: number): string {
  const at = Date.parse(time) + ms
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : time
}
