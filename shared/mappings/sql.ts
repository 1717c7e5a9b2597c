import { randomUUID } from 'node:crypto'
import { raise, revisionOf } from '../database/revisions.ts'
import type { Database, Sql, Value } from '../database/index.ts'
import type {
  Mapped,
  Mapping,
  MappingFilter,
  MappingKey,
  MappingKind,
  NewMapping,
} from './contract.ts'

interface Row {
  id: string
  kind: MappingKind
  provider: string
  value: string
  sub: string
  team: string | null
  created_at: string
  updated_at: string | null
}

/** What a process has to learn: all there is, or what is new and what is gone. */
export interface Changes {
  readonly revision: number
  readonly all: boolean
  readonly removed: readonly (MappingKey & { readonly app: string })[]
  readonly stored: readonly { readonly app: string; readonly mapping: Mapping }[]
}

const name = 'user_mappings'
const columns = 'id, kind, provider, value, sub, team, created_at, updated_at'
/** Removals that are kept; who is half as far behind reads everything anew. */
const maxRemovals = 10_000

/** What changed since a revision; null: nothing. -1: nothing is known yet. */
export async function changes(db: Database, known: number): Promise<Changes | null> {
  // Read before the rows: a change in between is read once more.
  const revision = await revisionOf(db, name)
  if (revision === known) return null
  const all = known < 0 || revision < known || revision - known > maxRemovals / 2
  const since = all ? -1 : known
  // One moment: a value that is gone and one that is there again must not be mixed up.
  const [removed, stored] = await db.transaction(
    (sql) =>
      Promise.all([
        sql.query<Key & { app: string }>(
          `select app, kind, provider, value from mapping_removals where revision > $1`,
          since,
        ),
        sql.query<Row & { app: string }>(
          `select app, ${columns} from ${name} where revision > $1`,
          since,
        ),
      ]),
    'read',
  )
  return {
    revision,
    all,
    removed: removed.map(withProvider),
    stored: stored.map(({ app, ...row }) => ({ app, mapping: mappingOf(row) })),
  }
}

/** See `Mappings.get`. */
export async function get(db: Database, app: string, id: string): Promise<Mapping | null> {
  const text = `select ${columns} from ${name} where app = $1 and id = $2`
  const [row] = await db.query<Row>(text, app, id)
  return row ? mappingOf(row) : null
}

/** See `Mappings.list`. */
export async function list(
  db: Database,
  app: string,
  { after, limit, kind, provider, value, sub }: MappingFilter,
): Promise<Mapping[]> {
  const conditions = ['app = $1']
  const values: Value[] = [app]
  const place = (given: Value): string => `$${values.push(given)}`
  for (const [column, wanted] of Object.entries({ kind, provider, value, sub })) {
    if (wanted !== undefined) conditions.push(`${column} = ${place(wanted ?? '')}`)
  }
  if (after) {
    conditions.push(`(created_at, id) < (${place(after.createdAt)}, ${place(after.id)})`)
  }
  const rows = await db.query<Row>(
    `select ${columns} from ${name} where ${conditions.join(' and ')}
     order by created_at desc, id desc limit ${place(limit)}`,
    ...values,
  )
  return rows.map(mappingOf)
}

interface Stored {
  readonly mapping: Mapping
  readonly created: boolean
}

/** Takes back what was written. */
const full = new Error('the app has as many mappings as it may have')

/**
 * Writes mappings over those of the same keys, which are canonical. @returns them as they are stored, in any order; one
 * that existed has an id of before; null if the app would have more than `most`
 */
export async function put(
  db: Database,
  app: string,
  given: { readonly mappings: readonly NewMapping[]; readonly most: number },
): Promise<Stored[] | null> {
  try {
    return await write(db, app, given)
  } catch (error) {
    if (error === full) return null
    throw error
  }
}

function write(
  db: Database,
  app: string,
  { mappings, most }: { readonly mappings: readonly NewMapping[]; readonly most: number },
): Promise<Stored[]> {
  const now = new Date().toISOString()
  return db.transaction(async (sql) => {
    const revision = await raise(sql, name)
    const rows = mappings.map(({ kind, provider, value, sub, team }) => ({
      app,
      id: randomUUID(),
      kind,
      provider: provider ?? '',
      value,
      sub,
      team,
      created_at: now,
      updated_at: now,
      revision,
    }))
    const update = ['sub', 'team', 'updated_at', 'revision']
    const conflict = { key: 'app, kind, provider, value', update }
    const written = await sql.insert<Row>({ into: name, rows, conflict, returning: columns })
    const ids = new Set<string>(rows.map(({ id }) => id))
    const stored = written.map((row) => ({ mapping: mappingOf(row), created: ids.has(row.id) }))
    if (stored.some((one) => one.created) && (await countOf(sql, app)) > most) throw full
    return stored
  })
}

async function countOf(sql: Sql, app: string): Promise<number> {
  const text = `select count(*) as count from ${name} where app = $1`
  const [row] = await sql.query<{ count: number }>(text, app)
  return row!.count
}

/** See `Mappings.change`. */
export function change(
  db: Database,
  app: string,
  ...[id, { sub, team }]: [id: string, user: Mapped]
): Promise<Mapping | null> {
  return db.transaction(async (sql) => {
    const [row] = await sql.query<Row>(
      `update ${name} set sub = $3, team = $4, updated_at = $5, revision = $6
       where app = $1 and id = $2 returning ${columns}`,
      app,
      id,
      sub,
      team,
      new Date().toISOString(),
      await raise(sql, name),
    )
    return row ? mappingOf(row) : null
  })
}

/** See `Mappings.remove`. */
export function remove(db: Database, app: string, id: string): Promise<boolean> {
  return db.transaction(async (sql) => {
    const revision = await raise(sql, name)
    const [gone] = await sql.query<Key>(
      `delete from ${name} where app = $1 and id = $2 returning kind, provider, value`,
      app,
      id,
    )
    if (!gone) return false
    await sql.insert({ into: 'mapping_removals', rows: [{ revision, app, ...gone }] })
    await sql.query('delete from mapping_removals where revision <= $1', revision - maxRemovals)
    return true
  })
}

type Key = Pick<Row, 'kind' | 'provider' | 'value'>

function mappingOf({ created_at: createdAt, updated_at, ...row }: Row): Mapping {
  return { ...withProvider(row), createdAt, updatedAt: updated_at ?? createdAt }
}

/** The column is part of a key, where null is not what it is here. */
function withProvider<Some extends { provider: string }>(row: Some) {
  return { ...row, provider: row.provider === '' ? null : row.provider }
}
