import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openEmbedded } from '@switchhook/shared/database'
import { journalContract } from '../contracts/journal.ts'

const root = mkdtempSync(join(tmpdir(), 'switchhook-journal-'))
t.teardown(() => rmSync(root, { recursive: true, force: true }))

journalContract(t, async (t, place) => {
  const store = await openEmbedded({
    dataDir: join(root, place),
    onCrash: (error) => t.fail(error.message),
  })
  t.teardown(() => store.close())
  return store
})
