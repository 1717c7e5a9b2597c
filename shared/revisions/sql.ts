import type { Database } from '../database/index.ts'

/** How often each thing that is counted was changed; what never was is missing. */
export async function all(db: Database): Promise<ReadonlyMap<string, number>> {
  const rows = await db.query<{ name: string; value: number }>('select name, value from revisions')
  return new Map(rows.map(({ name, value }) => [name, value]))
}
