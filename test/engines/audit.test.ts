import t from 'tap'
import { auditContract } from '../contracts/audit.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { storeAt } from '../kit/store.ts'

auditContract(t, async (t) => storeAt(t, { url: await emptyDatabase(t) }))
