import { raise, revisionOf } from '../database/revisions.ts'
import { columns, name, traceOf, type Row } from './rows.ts'
import type { Database, Sql } from '../database/index.ts'
import type { NewTrace, Trace } from './contract.ts'

/** What a process has to know. */
export interface Changes {
  readonly revision: number
  readonly active: readonly Trace[]
}

/** What writes now, if that changed since a revision; null: it did not. -1: nothing is known yet. */
export async function changes(db: Database, known: number, now: string): Promise<Changes | null> {
  // Read before the rows: a change in between is read once more.
  const revision = await revisionOf(db, name)
  if (revision === known) return null
  const rows = await db.query<Row>(`select ${columns} from ${name} where ends_at > $1`, now)
  return { revision, active: rows.map((row) => traceOf(row, now)) }
}

/** See `SipTraces.start`. */
export function start(
  db: Database,
  wanted: Omit<NewTrace, 'lastsMs'> & { id: string; now: string; until: string },
  most: number,
): Promise<Trace | null> {
  const { app, id, aor, by: actor, now: started_at, until: ends_at } = wanted
  return db.transaction(async (sql) => {
    // First, for it lets one writer through at a time.
    await raise(sql, name)
    await endActive(sql, { app, aor, now: started_at })
    if (!(await makeRoom(sql, { app, now: started_at, most }))) return null
    const counts = { is_full: 0, messages: 0, dropped: 0 }
    const row = { app, id, aor, actor, started_at, ends_at, ...counts }
    await sql.insert({ into: name, rows: [{ ...row, bytes: 0 }] })
    return traceOf(row, started_at)
  })
}

/** See `SipTraces.end`. */
export function end(db: Database, ...[app, aor, now]: [string, string, string]): Promise<boolean> {
  return db.transaction(async (sql) => {
    // First, as above: two who wait for each other would both fail.
    await raise(sql, name)
    return (await endActive(sql, { app, aor, now })) > 0
  })
}

/** See `SipTraces.list`. */
export async function list(db: Database, app: string, now: string): Promise<Trace[]> {
  const rows = await db.query<Row>(`select ${columns} from ${name} where app = $1`, app)
  return rows
    .map((row) => traceOf(row, now))
    .toSorted((one, other) => (one.startedAt < other.startedAt ? 1 : -1))
}

/** See `SipTraces.purge`. */
export function purge(db: Database, before: string, limit: number): Promise<number> {
  return db.transaction(async (sql) => {
    const over = await sql.query<Pick<Row, 'app' | 'id'>>(
      `select app, id from ${name} where ends_at < $1 order by ends_at, app, id limit $2`,
      before,
      limit,
    )
    for (const { app, id } of over) await remove(sql, app, id)
    return over.length
  })
}

async function remove(sql: Sql, app: string, id: string): Promise<void> {
  // The trace first: who writes to it waits here, and then finds it gone.
  await sql.query(`delete from ${name} where app = $1 and id = $2`, app, id)
  await sql.query('delete from sip_messages where app = $1 and trace = $2', app, id)
  await sql.query('delete from sip_calls where app = $1 and trace = $2', app, id)
}

interface Of {
  readonly app: string
  readonly now: string
}

/** Ends the trace of a user. @returns how many there were */
async function endActive(sql: Sql, { app, aor, now }: Of & { aor: string }): Promise<number> {
  const ended = await sql.query(
    `update ${name} set ends_at = $3 where app = $1 and aor = $2 and ends_at > $3 returning id`,
    app,
    aor,
    now,
  )
  return ended.length
}

/** Removes what ended longest ago until there is room for one more. @returns whether there is */
async function makeRoom(sql: Sql, { app, now, most }: Of & { most: number }): Promise<boolean> {
  const text = `select id, ends_at from ${name} where app = $1`
  const kept = await sql.query<Pick<Row, 'id' | 'ends_at'>>(text, app)
  const over = kept
    .filter(({ ends_at }) => ends_at <= now)
    .toSorted((one, other) => (one.ends_at < other.ends_at ? -1 : 1))
  const excess = kept.length - (most - 1)
  if (excess > over.length) return false
  for (const { id } of over.slice(0, Math.max(0, excess))) await remove(sql, app, id)
  return true
}
