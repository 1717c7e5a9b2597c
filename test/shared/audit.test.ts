import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import t from 'tap'
import { pages } from '../../shared/audit/sql.ts'
import { auditContract } from '../contracts/audit.ts'
import { temporaryDir } from '../kit/build.ts'
import { storeAt } from '../kit/store.ts'

const root = temporaryDir(t)

auditContract(t, (t, place) => storeAt(t, { dataDir: join(root, place) }))

t.test('a page is found by an index, and in its order', async (t) => {
  const dataDir = join(root, 'plan')
  await (await storeAt(t, { dataDir })).close()
  const db = new DatabaseSync(join(dataDir, 'switchhook.db'))
  t.teardown(() => db.close())
  const steps = (text: string) =>
    db
      .prepare(`explain query plan ${text}`)
      .all()
      .map(({ detail }) => detail)
  const search = (index: string) => `SEARCH audit USING INDEX ${index} (app=? AND (at,id)<(?,?))`
  t.strictSame(steps(pages.everything), [search('audit_pages')])
  t.strictSame(steps(pages['api-key']), [search('audit_of_keys')])
})
