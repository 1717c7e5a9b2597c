import type { Database, Sql } from '../../database/index.ts'
import type { JournalRow } from '../contract.ts'
import type { CallEvents, EventsOfCall } from './contract.ts'

/** Ids of a call that are looked under; an event names sixteen others at most. */
const maxIds = 256
/** A page is not larger, but for its first event. */
const maxLength = 4 * 1024 * 1024
/** Events that are read at once: each may be large. */
const chunk = 50

/** See `Calls.events`. */
export function events(db: Database, app: string, asked: EventsOfCall): Promise<CallEvents> {
  return db.transaction(async (sql) => {
    const { numbers, more } = await numbersOf(sql, app, asked)
    const rows: JournalRow[] = []
    let left = maxLength
    while (rows.length < numbers.length) {
      const some = numbers.slice(rows.length, rows.length + chunk)
      for (const row of await read(sql, app, some)) {
        left -= row.data.length
        if (left < 0 && rows.length > 0) return { rows: inOrder(rows), more: true }
        rows.push(row)
      }
    }
    return { rows: inOrder(rows), more }
  }, 'read')
}

/** Newest first, as they were found, or already in order. */
function inOrder(rows: readonly JournalRow[]): JournalRow[] {
  return rows.toSorted((one, other) => one.seq - other.seq)
}

export const oldestNumbers = `select seq from events
  where app = $1 and call = $2 and seq > $3 order by seq limit $4`
export const newestNumbers = `select seq from events
  where app = $1 and call = $2 order by seq desc limit $3`

/** The numbers of the events that are asked for, under each id of the call. */
async function numbersOf(sql: Sql, app: string, { call, after, limit }: EventsOfCall) {
  const aliases = await sql.query<{ alias: string }>(
    'select alias from call_aliases where app = $1 and call = $2 limit $3',
    app,
    call,
    maxIds,
  )
  const ids = [call, ...aliases.map(({ alias }) => alias)]
  const found = await Promise.all(
    ids.map((id) =>
      after === null
        ? sql.query<{ seq: number }>(newestNumbers, app, id, limit + 1)
        : sql.query<{ seq: number }>(oldestNumbers, app, id, after, limit + 1),
    ),
  )
  const sign = after === null ? -1 : 1
  const numbers = found
    .flat()
    .map(({ seq }) => seq)
    .toSorted((one, other) => sign * (one - other))
  return { numbers: numbers.slice(0, limit), more: numbers.length > limit }
}

async function read(sql: Sql, app: string, numbers: readonly number[]): Promise<JournalRow[]> {
  const rows = await Promise.all(
    numbers.map((seq) =>
      sql.query<Omit<JournalRow, 'late'> & { late: number }>(
        'select seq, id, type, time, call, late, data from events where app = $1 and seq = $2',
        app,
        seq,
      ),
    ),
  )
  return rows.flat().map((row) => ({ ...row, late: row.late === 1 }))
}
