import t from 'tap'
import { sipTracesContract } from '../contracts/sip-traces.ts'
import { temporaryDir } from '../kit/build.ts'
import { storeAt } from '../kit/store.ts'

sipTracesContract(t, async (t) => {
  const store = await storeAt(t, { dataDir: temporaryDir(t) })
  return [store, store]
})
