import { openDirectory } from '@switchhook/shared/directory'
import { openJournal } from '@switchhook/shared/journal'
import { temporaryDir } from './build.ts'
import { sampleDelivery, sampleEvent } from './sample.ts'
import { storeAt } from './store.ts'
import type { Test } from 'tap'

/**
 * Fills a new embedded store as services do, with a delivery of an event for each of the sizes.
 * @returns its directory
 */
export async function filledStore(
  t: Test,
  sizes: readonly number[] = [10, 20, 30],
): Promise<string> {
  const dataDir = temporaryDir(t)
  const store = await storeAt(t, { dataDir })
  const app = (await openDirectory(store)).firstApp.id
  const journal = await openJournal(store)
  const batch = sizes.map((size, index) => ({
    ...sampleDelivery(app, [sampleEvent({ callId: `c${index % 3}` })]),
    sealed: new Uint8Array(size).fill(index),
  }))
  await journal.append(batch)
  await store.close()
  return dataDir
}
