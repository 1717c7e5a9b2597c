import { randomUUID } from 'node:crypto'
import type { Database } from '../database/index.ts'
import type { App } from './contract.ts'

interface AppRow {
  id: string
  name: string
  active: number
  created_at: string
}

/** All apps, oldest first; creates the first one, with its counter, in a fresh store. */
export function apps(db: Database): Promise<App[]> {
  return db.transaction(async (sql) => {
    const stored = await sql.query<AppRow>('select * from apps order by created_at, id')
    if (stored.length > 0) return stored.map(appOf)
    const first = {
      id: randomUUID(),
      name: 'default',
      active: 1,
      created_at: new Date().toISOString(),
    }
    await sql.insert({ into: 'apps', rows: [first] })
    await sql.insert({ into: 'counters', rows: [{ app: first.id, seq: 0 }] })
    return [appOf(first)]
  }, 'alone')
}

function appOf({ id, name, active, created_at }: AppRow): App {
  return { id, name, active: active === 1, createdAt: created_at }
}
