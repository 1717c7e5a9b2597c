import type { By } from '../audit/contract.ts'

/** A tenant. */
export interface App {
  /** UUID. */
  readonly id: string
  readonly name: string
  /** False: its tokens, keys and webhooks are refused. */
  readonly active: boolean
  /** RFC 3339; no two apps have the same. */
  readonly createdAt: string
}

/** What of an app may change. */
export interface AppChanges {
  readonly name?: string
  readonly active?: boolean
}

/** Who exists: the apps, in memory. */
export interface Directory {
  /** Changes with every change of the apps that this process knows of. */
  readonly revision: number
  /** Oldest first. */
  readonly apps: readonly App[]
  /** The oldest app: the one that bare webhook URLs and the credentials of the environment belong to. */
  readonly firstApp: App
  /** The app with this id, or undefined. */
  app(id: string): App | undefined
  /** The app with this id; looks for one that another process may just have made, for all who ask now at once. */
  find(id: string): Promise<App | undefined>
  /** The app, if there is exactly one: what a token without an `app` claim means. */
  readonly onlyApp: App | undefined
  /** Makes an app, and says so in the audit. @returns null if there are as many as there may be */
  create(name: string, by: By): Promise<App | null>
  /** Changes an app, and says in the audit what was changed, if anything was. @returns undefined: there is no such app */
  change(id: string, changes: AppChanges, by: By): Promise<App | undefined>
  /** Reads what other processes changed: one row, as long as none did. */
  refresh(): Promise<void>
}
