import t from 'tap'
import { mappingsContract } from '../contracts/mappings.ts'
import { temporaryDir } from '../kit/build.ts'
import { storeAt } from '../kit/store.ts'

mappingsContract(t, async (t) => {
  const store = await storeAt(t, { dataDir: temporaryDir(t) })
  return [store, store]
})
