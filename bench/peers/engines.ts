import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { Pool } from 'pg'

/** Runs a statement with `$1`, `$2`, … as its parameters. */
export type Run = (text: string, values: readonly (string | null)[]) => Promise<readonly unknown[]>

/** PostgreSQL through a pool of ten, which is the size that most programs leave it at. */
export function postgres(url: string, { prepared }: { prepared: boolean }): Run {
  const pool = new Pool({ connectionString: url, max: 10 })
  pool.on('error', () => {})
  const names = new Map<string, string>()
  return async (text, values) => {
    if (!prepared) return (await pool.query(text, [...values])).rows
    const name = names.get(text) ?? `s${names.size}`
    names.set(text, name)
    return (await pool.query({ name, text, values: [...values] })).rows
  }
}

/**
 * SQLite in this thread, synced at every commit as we are. Statements are prepared once and the journal is a WAL,
 * which is kinder than the defaults.
 */
export function sqlite(file: string): Run {
  const db = new DatabaseSync(file)
  db.exec('pragma journal_mode = wal; pragma synchronous = full')
  const statements = new Map<string, StatementSync>()
  return async (text, values) => {
    const statement = statements.get(text) ?? db.prepare(text.replaceAll(/\$\d/g, '?'))
    statements.set(text, statement)
    return statement.all(...values)
  }
}
