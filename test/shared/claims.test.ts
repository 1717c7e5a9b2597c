import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import t from 'tap'
import { openClaims } from '@switchhook/shared/claims'
import { claimsContract } from '../contracts/claims.ts'
import { temporaryDir } from '../kit/build.ts'
import { storeAt } from '../kit/store.ts'
import { until } from '../kit/until.ts'

claimsContract(t, async (t) => {
  const store = await storeAt(t, { dataDir: temporaryDir(t) })
  return [store, store]
})

t.test('what has expired does not pile up', async (t) => {
  const dataDir = temporaryDir(t)
  const store = await storeAt(t, { dataDir })
  const clock = { now: Date.UTC(2026, 0, 1) }
  const claims = openClaims(store, () => clock.now)
  const claim = (call: string) => claims.claim({ app: 'a', call, action: 'screen-pop', by: 'b' })
  for (let call = 0; call < 99; call += 1) await claim(`old ${call}`)
  clock.now += 30_000
  await claim('new')
  const db = new DatabaseSync(join(dataDir, 'switchhook.db'), { readOnly: true })
  t.teardown(() => db.close())
  const left = () =>
    db
      .prepare('select call from claims')
      .all()
      .map(({ call }) => call)
  await until(() => left().length === 1)
  t.strictSame(left(), ['new'])
})
