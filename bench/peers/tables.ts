import { DatabaseSync } from 'node:sqlite'

/** What the peer reads of a delivery. */
export interface Delivery {
  readonly id: string
  readonly event_type: string
  readonly occurred_at: string
  readonly payload: { readonly call_session_id?: string; readonly state?: string }
}

/**
 * The peer's store: look up, insert, upsert, one statement after the other, each its own transaction. Statements
 * are prepared once and the journal is a WAL, which is kinder to it than the defaults.
 */
export function openTables(file: string) {
  const db = new DatabaseSync(file)
  db.exec(`
    pragma journal_mode = wal;
    pragma synchronous = full;
    create table events (id text primary key, type text, call text, time text, payload text);
    create table calls (id text primary key, state text, last_event text, updated_at text);
  `)
  const find = db.prepare('select 1 from events where id = ?')
  const insert = db.prepare(
    'insert into events (id, type, call, time, payload) values (?, ?, ?, ?, ?)',
  )
  const upsert = db.prepare(
    `insert into calls (id, state, last_event, updated_at) values (?, ?, ?, ?)
     on conflict (id) do update set
       state = coalesce(excluded.state, state),
       last_event = excluded.last_event,
       updated_at = excluded.updated_at`,
  )
  return {
    has: (id: string): boolean => find.get(id) !== undefined,
    save({ id, event_type, occurred_at, payload }: Delivery): void {
      const call = payload.call_session_id ?? null
      insert.run(id, event_type, call, occurred_at, JSON.stringify(payload))
      upsert.run(call, payload.state ?? null, event_type, new Date().toISOString())
    },
  }
}
