import type { Store } from '../database/index.ts'
import type { Directory } from './contract.ts'

export type { App, Directory } from './contract.ts'

/** Opens the directory; a fresh store gets its first app. Apps are read once: nothing changes them at run time yet. */
export async function openDirectory(store: Store): Promise<Directory> {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  const apps = await sql.apps()
  const byId = new Map(apps.map((app) => [app.id, app]))
  return {
    apps,
    firstApp: apps[0]!,
    app: (id) => byId.get(id),
    onlyApp: apps.length === 1 ? apps[0] : undefined,
  }
}
