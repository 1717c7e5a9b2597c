import t from 'tap'
import { mappingsContract } from '../contracts/mappings.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { storeAt } from '../kit/store.ts'

mappingsContract(t, async (t) => {
  const url = await emptyDatabase(t)
  return [await storeAt(t, { url }), await storeAt(t, { url })]
})
