import type { Store } from '../database/index.ts'

/** A tenant. */
export interface App {
  /** UUID. */
  readonly id: string
  readonly name: string
  readonly active: boolean
  readonly createdAt: string
}

/** Who exists: the apps. */
export interface Directory {
  /** The oldest app: the one that bare webhook URLs and the credentials of the environment belong to. */
  readonly firstApp: App
  /** The app with this id, or undefined. */
  app(id: string): App | undefined
  /** The app, if there is exactly one: what a token without an `app` claim means. */
  readonly onlyApp: App | undefined
}

/** Opens the directory; a fresh store gets its first app. Apps are read once: nothing changes them at run time yet. */
export async function openDirectory(store: Store): Promise<Directory> {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  const apps = await sql.apps()
  const byId = new Map(apps.map((app) => [app.id, app]))
  return {
    firstApp: apps[0]!,
    app: (id) => byId.get(id),
    onlyApp: apps.length === 1 ? apps[0] : undefined,
  }
}
