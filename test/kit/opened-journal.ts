import { openDirectory } from '@switchhook/shared/directory'
import { openDeliveries, openJournal } from '@switchhook/shared/journal'
import type { Deliveries, Journal } from '@switchhook/shared/journal'
import type { Procedures, Store } from '@switchhook/shared/database'
import type { Test } from 'tap'

/** Opens a store; the same place twice gives the same store again. */
export type OpenStore = (t: Test, place: string) => Promise<Store>

/** A journal with what lies under it. */
export interface OpenedJournal {
  readonly journal: Journal
  readonly deliveries: Deliveries
  readonly app: string
  readonly store: Store
  readonly stored: Procedures<typeof import('./stored-calls.ts')>
}

/** Opens the journal of the store at a place. */
export async function openedJournal(
  t: Test,
  openStore: OpenStore,
  place: string,
): Promise<OpenedJournal> {
  const store = await openStore(t, place)
  const directory = await openDirectory(store)
  return {
    store,
    app: directory.firstApp.id,
    journal: await openJournal(store),
    deliveries: openDeliveries(store),
    stored: store.procedures(import.meta.resolve('./stored-calls.ts')),
  }
}
