import { randomUUID } from 'node:crypto'
import { record } from '../audit/sql.ts'
import { raise, revisionOf } from '../database/revisions.ts'
import type { By } from '../audit/contract.ts'
import type { Database, Sql } from '../database/index.ts'
import type { App, AppChanges } from './contract.ts'

interface AppRow {
  id: string
  name: string
  active: number
  created_at: string
}

const table = 'apps'
const inOrder = `select * from ${table} order by created_at, id`

/** How often anything was changed; 0 if nothing ever was. */
export function revision(db: Database): Promise<number> {
  return revisionOf(db, table)
}

/** All apps, oldest first; creates the first one, with its counter, in a fresh store. */
export async function apps(db: Database): Promise<App[]> {
  const stored = await db.query<AppRow>(inOrder)
  if (stored.length > 0) return stored.map(appOf)
  return db.transaction(async (sql) => {
    const found = await sql.query<AppRow>(inOrder)
    // Another process was faster.
    if (found.length > 0) return found.map(appOf)
    return [appOf(await insert(sql, 'default', new Date().toISOString()))]
  }, 'alone')
}

/** Makes an app with its counter. @returns its id; null if there are `most` */
export function create(
  db: Database,
  name: string,
  { by, most }: { readonly by: By; readonly most: number },
): Promise<string | null> {
  return db.transaction(async (sql) => {
    // First, so that of two that are made at once the second one counts the first.
    await raise(sql, table)
    const [existing] = await sql.query<{ count: number; latest: string }>(
      `select count(*) as count, max(created_at) as latest from ${table}`,
    )
    const { count, latest } = existing!
    if (count >= most) return null
    const { id } = await insert(sql, name, after(latest))
    await record(sql, { ...by, app: id, action: 'app.created', target: id, detail: { name } })
    return id
  })
}

/** Changes what differs, and records that. */
export function change(
  db: Database,
  id: string,
  { by, changes }: { readonly by: By; readonly changes: AppChanges },
): Promise<void> {
  return db.transaction(async (sql) => {
    await raise(sql, table)
    const [row] = await sql.query<AppRow>(`select * from ${table} where id = $1`, id)
    if (!row) return
    const { name, active } = appOf(row)
    const next = { name, active, ...changes }
    const detail = {
      ...(next.name !== name && { name: { from: name, to: next.name } }),
      ...(next.active !== active && { active: { from: active, to: next.active } }),
    }
    if (Object.keys(detail).length === 0) return
    await sql.query(
      `update ${table} set name = $2, active = $3 where id = $1`,
      id,
      next.name,
      next.active ? 1 : 0,
    )
    await record(sql, { ...by, app: id, action: 'app.changed', target: id, detail })
  })
}

async function insert(sql: Sql, name: string, created_at: string): Promise<AppRow> {
  const row: AppRow = { id: randomUUID(), name, active: 1, created_at }
  await sql.insert({ into: table, rows: [{ ...row }] })
  await sql.insert({ into: 'counters', rows: [{ app: row.id, seq: 0 }] })
  return row
}

/** Whoever's clock is slow must not make an app that comes before the first one. */
function after(latest: string): string {
  return new Date(Math.max(Date.now(), Date.parse(latest) + 1)).toISOString()
}

function appOf({ id, name, active, created_at }: AppRow): App {
  return { id, name, active: active === 1, createdAt: created_at }
}
