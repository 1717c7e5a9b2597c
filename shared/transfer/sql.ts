import { Conversation } from './conversation.ts'
import { tableNamed, tables, type Table } from './tables.ts'
import type { Database, Mode, Sql, Value } from '../database/index.ts'

/** A row by its columns. */
export type Row = Readonly<Record<string, Value>>

/** What a store says about itself. */
export interface Identity {
  /** The last step of its schema. */
  readonly migration: { readonly id: number; readonly name: string }
  /** Null: nothing was ever started on it. */
  readonly epoch: string | null
}

/**
 * A page is cut at so many rows, and at so many octets of the wide column. Rows lie anywhere on a disk, and PostgreSQL
 * gives a statement three seconds.
 */
const maxRows = 250
const maxOctets = 2 * 1024 * 1024

/** One per database: there is one command at a time. */
const conversations = new WeakMap<Database, Conversation>()

/** Begins the transaction that everything below is asked in. */
export async function begin(db: Database, mode: Mode): Promise<Identity> {
  conversations.set(db, await Conversation.begin(db, mode))
  return ask(db, async (sql) => {
    const [[migration], [journal]] = await Promise.all([
      sql.query<Identity['migration']>('select id, name from migrations order by id desc limit 1'),
      sql.query<{ epoch: string }>('select epoch from journal'),
    ])
    return { migration: migration!, epoch: journal?.epoch ?? null }
  })
}

/** Ends it. @throws what kept it from being committed */
export async function commit(db: Database): Promise<void> {
  await conversations.get(db)!.commit()
}

/** Ends it and leaves the store as it was. */
export async function undo(db: Database): Promise<void> {
  await conversations.get(db)?.undo()
}

/** The rows of a table that follow a key; none when there are no more. */
export function page(db: Database, name: string, after: readonly Value[]): Promise<Row[]> {
  return ask(db, async (sql) => {
    const table = tableNamed(name)!
    const limit = await rowsThatFit(sql, table, after)
    return limit === 0 ? [] : sql.query<Row>(select('*', table, after), ...after, limit)
  })
}

/** Lengths are read without the values: those of PostgreSQL lie elsewhere, SQLite has them in the row's head. */
async function rowsThatFit(sql: Sql, table: Table, after: readonly Value[]): Promise<number> {
  if (table.wide === undefined) return maxRows
  const sizes = await sql.query<{ size: number }>(
    select(`octet_length(${table.wide}) as size`, table, after),
    ...after,
    maxRows,
  )
  let left = maxOctets
  const full = sizes.findIndex(({ size }) => (left -= size) < 0)
  // A row that is larger than a page is a page.
  return full === -1 ? sizes.length : Math.max(1, full)
}

function select(what: string, { name, key }: Table, after: readonly Value[]): string {
  const places = after.map((_, index) => `$${index + 1}`).join(', ')
  const where = after.length === 0 ? '' : `where (${key.join(', ')}) > (${places})`
  return `select ${what} from ${name} ${where} order by ${key.join(', ')} limit $${after.length + 1}`
}

/** The tables that have rows which an import would have to merge with. */
export function occupied(db: Database): Promise<string[]> {
  return ask(db, async (sql) => {
    const names: string[] = []
    for (const { name, fresh } of tables) {
      const where = fresh === undefined ? '' : `where not (${fresh})`
      const rows = await sql.query(`select 1 from ${name} ${where} limit 1`)
      if (rows.length > 0) names.push(name)
    }
    return names
  })
}

/** Removes what the first start of a store has left. @returns the columns of every table */
export function clear(db: Database): Promise<Record<string, string[]>> {
  return ask(db, async (sql) => {
    for (const { name, fresh } of tables.toReversed()) {
      if (fresh !== undefined) await sql.query(`delete from ${name}`)
    }
    const columns = tables.map(async ({ name }) => [name, await columnsOf(sql, name)] as const)
    return Object.fromEntries(await Promise.all(columns))
  })
}

/** Both engines answer an outer join without a match with one row, which names all columns. */
async function columnsOf(sql: Sql, name: string): Promise<string[]> {
  const [row] = await sql.query<Row>(
    `select ${name}.* from (select 1) as one_row left join ${name} on 1 = 0`,
  )
  return Object.keys(row!)
}

/** Writes rows into a table. */
export async function put(db: Database, name: string, rows: readonly Row[]): Promise<void> {
  await ask(db, (sql) => sql.insert({ into: tableNamed(name)!.name, rows }))
}

function ask<Answer>(db: Database, question: (sql: Sql) => Promise<Answer>): Promise<Answer> {
  return conversations.get(db)!.ask(question)
}
