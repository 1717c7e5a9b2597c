import { openStore, StoreOptions, type Store } from '@switchhook/shared/database'
import { loadConfig } from '@switchhook/shared/config'
import type { Test } from 'tap'

/** Opens a store with these options over the defaults; it closes with the test. */
export async function storeAt(t: Test, options: Partial<StoreOptions>): Promise<Store> {
  const defaults = loadConfig(StoreOptions, { environment: {} })
  const store = await openStore(
    { ...defaults, ...options },
    { onCrash: (error) => t.fail(error.message), onDisconnect: () => {} },
  )
  t.teardown(() => store.close())
  return store
}
