import { join } from 'node:path'
import t from 'tap'
import { directoryContract } from '../contracts/directory.ts'
import { temporaryDir } from '../kit/build.ts'
import { storeAt } from '../kit/store.ts'

const root = temporaryDir(t)

directoryContract(t, (t, place) => storeAt(t, { dataDir: join(root, place) }))
