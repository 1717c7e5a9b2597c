import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { journalContract } from '../contracts/journal.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { storeAt } from '../kit/store.ts'

t.test('embedded', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'switchhook-journal-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  journalContract(t, (t, place) => storeAt(t, { dataDir: join(root, place) }))
})

t.test('PostgreSQL', async (t) => {
  const urls = new Map<string, string>()
  journalContract(t, async (t, place) => {
    const url = urls.get(place) ?? (await emptyDatabase(t))
    urls.set(place, url)
    return storeAt(t, { url })
  })
})
