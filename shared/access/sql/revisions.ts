import type { Database } from '../../database/index.ts'

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
