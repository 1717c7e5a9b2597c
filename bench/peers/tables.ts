import { postgres, sqlite, type Run } from './engines.ts'
import type { Delivery } from './sender.ts'

/** The peers' store, one statement after the other, each its own transaction. */
export interface Tables {
  has(id: string): Promise<boolean>
  /** @param text the delivery as it is to be kept */
  insert(delivery: Delivery, text: string): Promise<void>
  /** Keeps the state of the delivery's call. */
  upsert(delivery: Delivery): Promise<void>
}

const schema = [
  'create table events (id text primary key, type text, call text, time text, payload text)',
  'create table calls (id text primary key, state text, last_event text, updated_at text)',
] as const

const find = 'select 1 from events where id = $1'
const insertEvent = `
  insert into events (id, type, call, time, payload) values ($1, $2, $3, $4, $5)
  on conflict do nothing`
const upsertCall = `
  insert into calls (id, state, last_event, updated_at) values ($1, $2, $3, $4)
  on conflict (id) do update set
    state = coalesce(excluded.state, calls.state),
    last_event = excluded.last_event,
    updated_at = excluded.updated_at`

/**
 * Opens what the environment of this process names: a database of PostgreSQL, or a file of SQLite. Null for neither.
 * @param prepared whether PostgreSQL keeps the statements of a connection; SQLite does in any case
 */
export async function openTables({ prepared }: { prepared: boolean }): Promise<Tables | null> {
  const { DATABASE_URL, SQLITE_FILE } = process.env
  if (DATABASE_URL !== undefined) return tablesOn(postgres(DATABASE_URL, { prepared }))
  return SQLITE_FILE === undefined ? null : tablesOn(sqlite(SQLITE_FILE))
}

async function tablesOn(run: Run): Promise<Tables> {
  for (const text of schema) await run(text, [])
  return {
    has: async (id) => (await run(find, [id])).length > 0,
    async insert({ id, type, call, time }, text) {
      await run(insertEvent, [id, type, call, time, text])
    },
    async upsert({ call, state, type }) {
      await run(upsertCall, [call, state, type, new Date().toISOString()])
    },
  }
}
