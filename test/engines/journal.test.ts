import t from 'tap'
import { callsContract } from '../contracts/journal-calls.ts'
import { deliveriesContract } from '../contracts/journal-deliveries.ts'
import { pastContract } from '../contracts/journal-past.ts'
import { retentionContract } from '../contracts/journal-retention.ts'
import { conflictContract, staleContract } from '../contracts/journal-stale.ts'
import { voicemailsContract } from '../contracts/journal-voicemails.ts'
import { journalContract } from '../contracts/journal.ts'
import { publishContract } from '../contracts/publish.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { openedJournal, type OpenStore } from '../kit/opened-journal.ts'
import { storeAt } from '../kit/store.ts'

const urls = new Map<string, string>()
const openStore: OpenStore = async (t, place) => {
  const url = urls.get(place) ?? (await emptyDatabase(t))
  urls.set(place, url)
  return storeAt(t, { url })
}

journalContract(t, openStore)
callsContract(t, openStore)
staleContract(t, openStore)
retentionContract(t, openStore)
pastContract(t, openStore)
conflictContract(t, openStore)
voicemailsContract(t, openStore)
publishContract(t, openStore)
deliveriesContract(t, openStore)

t.test('what is past is looked for from its beginning on', async (t) => {
  const { store } = await openedJournal(t, openStore, 'past-plans')
  const module = import.meta.resolve('../contracts/journal-past-stored.ts')
  const stored = store.procedures<typeof import('../contracts/journal-past-stored.ts')>(module)
  const plans = await stored.plansOfPostgres()
  for (const plan of plans) {
    t.match(plan, /Index (?:Only )?Scan/, plan)
    t.notMatch(plan, /Seq Scan/, plan)
  }
  for (const plan of plans.slice(0, 2)) t.match(plan, /Index Cond: .*ROW\(received_at, id\) > /)
})
