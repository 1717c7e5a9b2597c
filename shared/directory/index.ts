import { inTurn } from '../database/in-turn.ts'
import type { Store } from '../database/index.ts'
import type { App, Directory } from './contract.ts'

export type { App, AppChanges, Directory } from './contract.ts'

/** Apps of a store: every process has all of them in memory. */
export const mostApps = 10_000

/** Opens the directory; a fresh store gets its first app. */
export async function openDirectory(store: Store): Promise<Directory> {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  let apps: readonly App[] = []
  let byId = new Map<string, App>()
  let known = -1
  let revision = 0

  const read = async (): Promise<void> => {
    // Before the rows: a change in between is read once more.
    const current = await sql.revision()
    if (current === known) return
    apps = await sql.apps()
    byId = new Map(apps.map((app) => [app.id, app]))
    known = current
    revision += 1
  }

  const turns = inTurn()
  const refresh = (): Promise<void> => turns.take(read)

  await refresh()
  return {
    get revision() {
      return revision
    },
    get apps() {
      return apps
    },
    get firstApp() {
      return apps[0]!
    },
    app: (id) => byId.get(id),
    async find(id) {
      if (!byId.has(id)) await turns.share(read)
      return byId.get(id)
    },
    get onlyApp() {
      return apps.length === 1 ? apps[0] : undefined
    },
    async create(name, by) {
      const id = await sql.create(name, { by, most: mostApps })
      await refresh()
      return id === null ? null : byId.get(id)!
    },
    async change(id, changes, by) {
      await sql.change(id, { by, changes })
      await refresh()
      return byId.get(id)
    },
    refresh,
  }
}
