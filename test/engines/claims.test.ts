import t from 'tap'
import { claimsContract } from '../contracts/claims.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { storeAt } from '../kit/store.ts'

claimsContract(t, async (t) => {
  const url = await emptyDatabase(t)
  return [await storeAt(t, { url }), await storeAt(t, { url })]
})
