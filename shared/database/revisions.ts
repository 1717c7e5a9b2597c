import type { Database, Sql } from './contract.ts'

/** How often what has this name was changed; 0 if it never was. */
export async function revisionOf(db: Database, name: string): Promise<number> {
  const [row] = await db.query<{ value: number }>(
    'select value from revisions where name = $1',
    name,
  )
  return row?.value ?? 0
}

/**
 * Counts a change. One writer at a time, so that a revision that is seen has all the earlier ones before it.
 * @returns the new count
 */
export async function raise(sql: Sql, name: string): Promise<number> {
  const [, [row]] = await Promise.all([
    sql.insert({ into: 'revisions', rows: [{ name, value: 0 }], conflict: 'ignore' }),
    sql.query<{ value: number }>(
      'update revisions set value = value + 1 where name = $1 returning value',
      name,
    ),
  ])
  return row!.value
}
