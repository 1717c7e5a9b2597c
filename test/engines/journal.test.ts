import t from 'tap'
import { journalContract } from '../contracts/journal.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { storeAt } from '../kit/store.ts'

const urls = new Map<string, string>()

journalContract(t, async (t, place) => {
  const url = urls.get(place) ?? (await emptyDatabase(t))
  urls.set(place, url)
  return storeAt(t, { url })
})
