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
  /** Oldest first. */
  readonly apps: readonly App[]
  /** The oldest app: the one that bare webhook URLs and the credentials of the environment belong to. */
  readonly firstApp: App
  /** The app with this id, or undefined. */
  app(id: string): App | undefined
  /** The app, if there is exactly one: what a token without an `app` claim means. */
  readonly onlyApp: App | undefined
}
