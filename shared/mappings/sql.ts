import { randomUUID } from 'node:crypto'
import { raise, revisionOf } from '../database/revisions.ts'
import type { Database } from '../database/index.ts'
import type { Mapping, MappingKind, NewMapping } from './contract.ts'

interface Row {
  app: string
  id: string
  kind: MappingKind
  provider: string
  value: string
  sub: string
  team: string | null
  created_at: string
}

/** An app's mapping as it lies in the store. */
export interface Stored {
  readonly app: string
  readonly mapping: Mapping
}

const name = 'user_mappings'

/** How often anything was changed; 0 if nothing ever was. */
export function revision(db: Database): Promise<number> {
  return revisionOf(db, name)
}

/** Every app's mappings, oldest first. */
export async function all(db: Database): Promise<Stored[]> {
  const rows = await db.query<Row>(`select * from ${name} order by created_at, id`)
  return rows.map(({ app, ...row }) => ({ app, mapping: mappingOf(row) }))
}

/** Writes mappings over those of the same values, all or none. */
export async function put(db: Database, app: string, given: readonly NewMapping[]): Promise<void> {
  const created_at = new Date().toISOString()
  const rows = given.map(({ kind, provider, value, sub, team }) => ({
    app,
    id: randomUUID(),
    kind,
    provider: provider ?? '',
    value,
    sub,
    team,
    created_at,
  }))
  await db.transaction(async (sql) => {
    const conflict = { key: 'app, kind, provider, value', update: ['sub', 'team'] }
    await sql.insert({ into: name, rows, conflict })
    await raise(sql, name)
  })
}

/** @returns whether there was one */
export function remove(db: Database, app: string, id: string): Promise<boolean> {
  return db.transaction(async (sql) => {
    const gone = await sql.query(
      `delete from ${name} where app = $1 and id = $2 returning id`,
      app,
      id,
    )
    if (gone.length > 0) await raise(sql, name)
    return gone.length > 0
  })
}

function mappingOf({
  id,
  kind,
  provider,
  value,
  sub,
  team,
  created_at,
}: Omit<Row, 'app'>): Mapping {
  return {
    id,
    kind,
    provider: provider === '' ? null : provider,
    value,
    sub,
    team,
    createdAt: created_at,
  }
}
