import { allOrNone, invalidText } from './all-or-none.ts'
import { verifyServer } from './durability.ts'
import { migrate } from './migrate.ts'
import { insertStatement } from './insert.ts'
import { migrations, postgres } from './migrations/index.ts'
import { inPlainWords, openPool, type Pool, type PoolClient } from './pool.ts'
import { watched } from './watched.ts'
import type { Database, Mode, Procedures, Sql, Statement, Store } from './contract.ts'
import type { StoreOptions } from './options.ts'

/** Any number: the processes of one database agree on it. */
const aloneLock = 5_060_061

/** What opens a transaction of each mode, one round trip with what follows it. */
const begin: Readonly<Record<Mode, readonly string[]>> = {
  write: ['begin'],
  read: ['begin isolation level repeatable read read only'],
  alone: [
    'begin',
    // A large migration may take its time, and who comes second waits for it.
    'set local statement_timeout = 0',
    `select pg_advisory_xact_lock(${aloneLock})`,
  ],
}

/** An `alone` transaction: longer than any migration, still not for ever. */
const aloneMs = 3_600_000

/**
 * Opens PostgreSQL as a store, with its schema up to date.
 * @throws in plain words if it cannot be reached, may lose commits, or cannot be migrated
 */
export async function openPostgres(
  options: StoreOptions,
  { onDisconnect }: { onDisconnect: (error: Error) => void },
): Promise<Store> {
  const pool = openPool(options, onDisconnect)
  const database = databaseOf(pool)
  try {
    await verifyServer(database, options)
    await migrate(database, migrations(postgres))
  } catch (error) {
    await pool.end()
    throw inPlainWords(error, options)
  }
  let closed: Promise<void> | undefined
  return {
    procedures: <M>(module: string) => proceduresOf<M>(module, database),
    close: () => (closed ??= pool.end()),
  }
}

/** The connection is elsewhere anyway, so procedures run in this thread. */
function proceduresOf<M>(module: string, database: Database): Procedures<M> {
  type Procedure = (database: Database, ...rest: unknown[]) => Promise<unknown>
  let loading: Promise<Record<string, Procedure>> | undefined
  const call = async (name: string, args: unknown[]): Promise<unknown> => {
    loading ??= import(module) as Promise<Record<string, Procedure>>
    const procedures = await loading
    return procedures[name]!(database, ...args)
  }
  return new Proxy({} as Procedures<M>, {
    get: (_, name) =>
      typeof name === 'string' ? (...args: unknown[]) => call(name, args) : undefined,
  })
}

function databaseOf(pool: Pool): Database {
  const sql = sqlOn(pool)
  return {
    ...sql,
    transaction: (work, mode) => inTransaction(pool, work, mode),
    async allOrNone(writes) {
      const { text, values } = allOrNone(writes, insertStatement)
      try {
        await sql.query(text, ...values)
        return true
      } catch (error) {
        if ((error as { code?: string }).code === invalidText) return false
        throw error
      }
    },
  }
}

async function inTransaction<T>(
  pool: Pool,
  work: (sql: Sql) => Promise<T>,
  mode: Mode = 'write',
): Promise<T> {
  const client = await pool.connect()
  const sql = sqlOn(client, mode === 'alone' ? aloneMs : undefined)
  const begun = (inner: Sql): Promise<T> => {
    for (const text of begin[mode]) void inner.query(text)
    return work(inner)
  }
  try {
    // A failed transaction answers `commit` by rolling back, and we know of the failure by then.
    const result = await watched(sql, begun, () => sql.query('commit'))
    client.release()
    return result
  } catch (error) {
    // A connection that cannot even roll back is worth nothing any more.
    await client.query('rollback').then(
      () => client.release(),
      () => client.release(true),
    )
    throw error
  }
}

function sqlOn(queryable: Pool | PoolClient, query_timeout?: number): Sql {
  const query = async <Row>({ text, values }: Statement): Promise<Row[]> => {
    const statement = {
      name: nameOf(text),
      text,
      values: [...values],
      ...(query_timeout && { query_timeout }),
    }
    return (await queryable.query(statement)).rows as Row[]
  }
  return {
    query: (text, ...values) => query({ text, values }),
    insert: (insert) => query(insertStatement(insert)),
    among: (parameter) => `= any (array(select json_array_elements_text(${parameter}::json)))`,
  }
}

/** Prepared once per connection under this name. The texts are constants of our modules: as many as the code has. */
const names = new Map<string, string>()

function nameOf(text: string): string {
  let name = names.get(text)
  if (name === undefined) names.set(text, (name = `s${names.size}`))
  return name
}
