import { join } from 'node:path'
import t from 'tap'
import { journalContract } from '../contracts/journal.ts'
import { temporaryDir } from '../kit/build.ts'
import { storeAt } from '../kit/store.ts'

const root = temporaryDir(t)

journalContract(t, (t, place) => storeAt(t, { dataDir: join(root, place) }))
