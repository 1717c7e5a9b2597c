import t from 'tap'
import { accessContract } from '../contracts/access.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { storeAt } from '../kit/store.ts'

accessContract(t, async (t) => storeAt(t, { url: await emptyDatabase(t) }))
