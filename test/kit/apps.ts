import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { storeAt } from './store.ts'
import type { Test } from 'tap'

/** Makes a store with so many apps, the first one first. @returns their ids */
export async function storeWithApps(t: Test, dataDir: string, count: number): Promise<string[]> {
  const store = await storeAt(t, { dataDir })
  await store.close()
  const db = new DatabaseSync(join(dataDir, 'switchhook.db'))
  const apps = Array.from({ length: count }, () => randomUUID())
  const app = db.prepare('insert into apps (id, name, active, created_at) values (?, ?, 1, ?)')
  const counter = db.prepare('insert into counters (app, seq) values (?, 0)')
  db.exec('begin')
  for (const [index, id] of apps.entries()) {
    app.run(id, `app ${index + 1}`, new Date(1_700_000_000_000 + index).toISOString())
    counter.run(id)
  }
  db.exec('commit')
  db.close()
  return apps
}
