import type { Database, Sql } from '../../database/index.ts'

/** What is in memory, and counted when it changes. */
export type Revised = 'api_keys' | 'revocations'

/** How often each was changed; 0 if it never was. */
export async function revisions(db: Database): Promise<Record<Revised, number>> {
  const rows = await db.query<{ name: Revised; value: number }>(
    `select name, value from revisions where name in ('api_keys', 'revocations')`,
  )
  const found = Object.fromEntries(rows.map(({ name, value }) => [name, value]))
  return { api_keys: 0, revocations: 0, ...found }
}

/** Counts a change; whoever else is about to waits until this one is committed. @returns the new count */
export async function raise(sql: Sql, name: Revised): Promise<number> {
  await sql.insert({ into: 'revisions', rows: [{ name, value: 0 }], conflict: 'ignore' })
  const [row] = await sql.query<{ value: number }>(
    'update revisions set value = value + 1 where name = $1 returning value',
    name,
  )
  return row!.value
}
