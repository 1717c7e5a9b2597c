import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { watched } from './watched.ts'
import type { Database, Insert, Sql, Value, Write } from './contract.ts'

/**
 * Opens an SQLite file as a `Database`. Commits are durable: WAL with `synchronous=FULL` syncs every one.
 * The calls run to their end on this thread, so a procedure that awaits nothing but this database is never
 * interleaved with another one.
 */
export function openSqlite(file: string): Database & { close(): void } {
  const db = new DatabaseSync(file)
  db.exec(`
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma foreign_keys = on;
    pragma journal_size_limit = 67108864;
    -- Pages: what changes again before 16 MiB are full is copied into the database once.
    pragma wal_autocheckpoint = 4000;
  `)
  // The texts are constants of our modules, so the map is as large as the code.
  const statements = new Map<string, StatementSync>()
  const prepare = (text: string): StatementSync => {
    let statement = statements.get(text)
    if (!statement) statements.set(text, (statement = db.prepare(text)))
    return statement
  }
  const sql: Sql = {
    query: async <Row>(text: string, ...parameters: Value[]) =>
      prepare(text).all(named(parameters)) as Row[],
    insert: async <Row>(insert: Insert) => insertRows(prepare(insertText(insert)), insert) as Row[],
    among: (parameter) => `in (select value from json_each(${parameter}))`,
  }
  return {
    ...sql,
    // One connection, one transaction at a time: it is alone and sees one moment in any mode.
    transaction: (work) => inTransaction(db, () => watched(sql, work)),
    allOrNone: (writes) => writeAll(db, writes, prepare),
    close: () => db.close(),
  }
}

/** node:sqlite binds `$1` by its name. */
function named(parameters: readonly Value[]): Record<string, Value> {
  const bound: Record<string, Value> = {}
  for (const [index, value] of parameters.entries()) bound[`$${index + 1}`] = value
  return bound
}

/** Prepared inserts in a loop beat one JSON parameter here: the engine is in process, a row costs no round trip. */
function insertRows(statement: StatementSync, { rows, returning }: Insert): unknown[] {
  const returned: unknown[] = []
  for (const row of rows) {
    const values = Object.values(row)
    if (returning === undefined) statement.run(...values)
    else returned.push(...statement.all(...values))
  }
  return returned
}

function insertText({ into, rows, conflict, returning }: Insert): string {
  const columns = Object.keys(rows[0] ?? {})
  const places = columns.map(() => '?').join(', ')
  const parts = [`insert into ${into} (${columns.join(', ')}) values (${places})`]
  if (conflict === 'ignore') parts.push('on conflict do nothing')
  else if (conflict) {
    const update = conflict.update.map((column) => `${column} = excluded.${column}`)
    parts.push(`on conflict (${conflict.key}) do update set ${update.join(', ')}`)
  }
  if (returning !== undefined) parts.push(`returning ${returning}`)
  return parts.join(' ')
}

/** Thrown to roll back. */
const otherCount = new Error('a write touched another number of rows than it must')

async function writeAll(
  db: DatabaseSync,
  writes: readonly Write[],
  prepare: (text: string) => StatementSync,
): Promise<boolean> {
  const run = ({ write }: Write): number => {
    if ('text' in write) return Number(prepare(write.text).run(named(write.values)).changes)
    const statement = prepare(insertText(write))
    return write.rows.reduce(
      (sum, row) => sum + Number(statement.run(...Object.values(row)).changes),
      0,
    )
  }
  try {
    await inTransaction(db, async () => {
      for (const write of writes) if (run(write) !== write.expect) throw otherCount
    })
    return true
  } catch (error) {
    if (error === otherCount) return false
    throw error
  }
}

async function inTransaction<T>(db: DatabaseSync, work: () => Promise<T>): Promise<T> {
  db.exec('begin immediate')
  try {
    const result = await work()
    db.exec('commit')
    return result
  } catch (error) {
    // A full disk has rolled back by itself already.
    if (db.isTransaction) db.exec('rollback')
    throw error
  }
}
