import t from 'tap'
import { presenceContract } from '../contracts/presence.ts'
import { temporaryDir } from '../kit/build.ts'
import { storeAt } from '../kit/store.ts'

presenceContract(t, async (t) => {
  const store = await storeAt(t, { dataDir: temporaryDir(t) })
  return [store, store]
})
