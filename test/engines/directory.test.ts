import t from 'tap'
import { directoryContract } from '../contracts/directory.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { storeAt } from '../kit/store.ts'

directoryContract(t, async (t) => storeAt(t, { url: await emptyDatabase(t) }))
