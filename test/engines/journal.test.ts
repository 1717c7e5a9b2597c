import t from 'tap'
import { callsContract } from '../contracts/journal-calls.ts'
import { deliveriesContract } from '../contracts/journal-deliveries.ts'
import { retentionContract } from '../contracts/journal-retention.ts'
import { conflictContract, staleContract } from '../contracts/journal-stale.ts'
import { voicemailsContract } from '../contracts/journal-voicemails.ts'
import { journalContract } from '../contracts/journal.ts'
import { publishContract } from '../contracts/publish.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { storeAt } from '../kit/store.ts'
import type { OpenStore } from '../kit/opened-journal.ts'

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
conflictContract(t, openStore)
voicemailsContract(t, openStore)
publishContract(t, openStore)
deliveriesContract(t, openStore)
