import t from 'tap'
import { resealingContract } from '../contracts/resealing.ts'
import { temporaryDir } from '../kit/build.ts'
import { storeAt } from '../kit/store.ts'

resealingContract(t, async (t) => {
  const store = await storeAt(t, { dataDir: temporaryDir(t) })
  return [store, store]
})
