import { createHash } from 'node:crypto'
import type { Database, Sql } from './contract.ts'

/** A step of the schema, one list for both engines; never edited once released. */
export interface Migration {
  readonly id: number
  readonly name: string
  readonly statements: readonly string[]
}

/** Steps that a store has, in their order. */
export interface History {
  readonly steps: readonly { readonly id: number; readonly name: string }[]
  /** How many of them it had before this process opened it. */
  readonly before: number
}

const found = new WeakMap<Database, number>()

/** What the schema was when `migrate` found it, and is. */
export async function history(db: Database): Promise<History> {
  const steps = await db.query<History['steps'][number]>(
    'select id, name from migrations order by id',
  )
  return { steps, before: found.get(db) ?? steps.length }
}

/**
 * Brings the schema up to date in one transaction; of several processes that start together one does it.
 * @throws if the database is newer than this code, or an applied migration was edited afterwards
 */
export async function migrate(db: Database, migrations: readonly Migration[]): Promise<void> {
  await db.transaction(async (sql) => {
    await sql.query(
      `create table if not exists migrations (
        id integer primary key, name text not null, checksum text not null, applied_at text not null)`,
    )
    const applied = await sql.query<{ id: number; name: string; checksum: string }>(
      'select id, name, checksum from migrations order by id',
    )
    const known = new Map(migrations.map((migration) => [migration.id, migration]))
    for (const { id, name, checksum } of applied) verify({ id, name, checksum }, known.get(id))
    for (const migration of migrations.slice(applied.length)) await apply(sql, migration)
    found.set(db, applied.length)
  }, 'alone')
}

function verify(
  applied: { id: number; name: string; checksum: string },
  migration: Migration | undefined,
): void {
  if (!migration) {
    throw new Error(
      `the store has migration ${applied.id} (${applied.name}), which this version does not know: run the newer version`,
    )
  }
  if (checksumOf(migration) !== applied.checksum) {
    throw new Error(`migration ${applied.id} (${applied.name}) was changed after it was applied`)
  }
}

async function apply(sql: Sql, migration: Migration): Promise<void> {
  for (const statement of migration.statements) await sql.query(statement)
  const { id, name } = migration
  const applied_at = new Date().toISOString()
  const row = { id, name, checksum: checksumOf(migration), applied_at }
  await sql.insert({ into: 'migrations', rows: [row] })
}

function checksumOf({ statements }: Migration): string {
  return createHash('sha256').update(statements.join('\n;\n')).digest('hex')
}
