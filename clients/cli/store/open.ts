import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { dataDirOf, loadConfig, type Environment } from '@switchhook/shared/config'
import {
  isPostgres,
  openStore,
  StoreOptions,
  storeMistakes,
  type Store,
} from '@switchhook/shared/database'
import { Failure } from '../exit-codes.ts'
import { root } from '../workspace.ts'

/** The store that the environment names. */
export interface Opened {
  readonly store: Store
  /** Where it is, without a password. */
  readonly place: string
}

/**
 * Opens the store of the environment for as long as `use` takes.
 * @throws ConfigError if the environment is wrong, Failure if the store cannot be opened
 */
export async function withStore<Result>(
  environment: Environment,
  use: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  const options = optionsOf(environment)
  // Nobody else is told what befalls it: the call that is under way then fails.
  const quiet = { onCrash: () => {}, onDisconnect: () => {} }
  const store = await openStore(options, quiet).catch((error: Error) => {
    throw new Failure(error.message)
  })
  try {
    return await use({ store, place: placeOf(options) })
  } finally {
    await store.close()
  }
}

/**
 * The same for what needs a store that exists: opening would make an empty one where a directory was misspelt.
 * @throws Failure if there is none
 */
export async function withExistingStore<Result>(
  environment: Environment,
  use: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  const options = optionsOf(environment)
  if (!isPostgres(options) && !existsSync(placeOf(options))) {
    throw new Failure(`there is no store in ${options.dataDir}`, 'Set DATA_DIR, or DATABASE_URL.')
  }
  return withStore(environment, use)
}

function optionsOf(environment: Environment): StoreOptions {
  const options = loadConfig(StoreOptions, { environment, check: storeMistakes })
  return { ...options, dataDir: dataDirOf(root, environment) }
}

function placeOf({ dataDir, url, host, port, name }: StoreOptions): string {
  if (url === undefined && host === undefined) return join(dataDir, 'switchhook.db')
  const { host: address, pathname } = new URL(url ?? `postgres://${host}:${port}/${name}`)
  return `postgres://${address}${pathname}`
}
