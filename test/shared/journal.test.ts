import { join } from 'node:path'
import t from 'tap'
import { callsContract } from '../contracts/journal-calls.ts'
import { deliveriesContract } from '../contracts/journal-deliveries.ts'
import { pastContract } from '../contracts/journal-past.ts'
import { retentionContract } from '../contracts/journal-retention.ts'
import { conflictContract, staleContract } from '../contracts/journal-stale.ts'
import { voicemailsContract } from '../contracts/journal-voicemails.ts'
import { journalContract } from '../contracts/journal.ts'
import { publishContract } from '../contracts/publish.ts'
import { temporaryDir } from '../kit/build.ts'
import { openedJournal, type OpenStore } from '../kit/opened-journal.ts'
import { storeAt } from '../kit/store.ts'

const root = temporaryDir(t)
const openStore: OpenStore = (t, place) => storeAt(t, { dataDir: join(root, place) })

journalContract(t, openStore)
callsContract(t, openStore)
staleContract(t, openStore)
retentionContract(t, openStore)
pastContract(t, openStore)
conflictContract(t, openStore)
voicemailsContract(t, openStore)
publishContract(t, openStore)
deliveriesContract(t, openStore)

t.test('what is looked for now and then is found by an index', async (t) => {
  const { stored } = await openedJournal(t, openStore, 'plans')
  const indexes = ['calls_live', 'deliveries_kept', 'voicemails_to_link', 'calls_missed']
  for (const [index, plan] of (await stored.plans()).entries()) {
    t.match(plan, `USING INDEX ${indexes[index]}`)
    t.notMatch(plan, 'TEMP B-TREE')
  }
})

t.test('what is past is looked for from its beginning on', async (t) => {
  const { store } = await openedJournal(t, openStore, 'past-plans')
  const module = import.meta.resolve('../contracts/journal-past-stored.ts')
  const stored = store.procedures<typeof import('../contracts/journal-past-stored.ts')>(module)
  const plans = await stored.plans()
  for (const plan of plans) {
    t.match(plan, /SEARCH \w+ USING (?:COVERING INDEX|INDEX|PRIMARY KEY)/, plan)
    t.notMatch(plan, /SCAN (?!told|CONSTANT)/, plan)
  }
  for (const plan of plans.slice(0, 2))
    t.match(plan, '(app=? AND (received_at,id)>(?,?) AND received_at<?)')
})
