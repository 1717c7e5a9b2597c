import { join } from 'node:path'
import t from 'tap'
import { listsContract } from '../contracts/calls.ts'
import { temporaryDir } from '../kit/build.ts'
import { storeAt } from '../kit/store.ts'
import type { OpenStore } from '../kit/opened-journal.ts'

const root = temporaryDir(t)
const openStore: OpenStore = (t, place) => storeAt(t, { dataDir: join(root, place) })

listsContract(t, openStore)

t.test('every question about calls is answered along an index', async (t) => {
  const store = await openStore(t, 'plans')
  const module = import.meta.resolve('../contracts/calls-stored.ts')
  const stored = store.procedures<typeof import('../contracts/calls-stored.ts')>(module)
  for (const plan of await stored.plans()) {
    t.match(plan, /SEARCH \w+ USING (?:COVERING INDEX|INDEX|PRIMARY KEY)/, plan)
    t.notMatch(plan, /TEMP B-TREE|SCAN (?!kinds|CONSTANT)/, plan)
  }
})
