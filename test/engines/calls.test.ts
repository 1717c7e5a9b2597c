import t from 'tap'
import { listsContract } from '../contracts/calls.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { storeAt } from '../kit/store.ts'
import type { OpenStore } from '../kit/opened-journal.ts'

const openStore: OpenStore = async (t) => storeAt(t, { url: await emptyDatabase(t) })

listsContract(t, openStore)

t.test('every question about calls can be answered along an index', async (t) => {
  const store = await openStore(t, 'plans')
  const module = import.meta.resolve('../contracts/calls-stored.ts')
  const stored = store.procedures<typeof import('../contracts/calls-stored.ts')>(module)
  for (const plan of await stored.plansOfPostgres()) {
    t.match(plan, /Index (?:Only )?Scan/, plan)
    t.notMatch(plan, /Seq Scan|Sort/, plan)
  }
})
