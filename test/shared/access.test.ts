import { join } from 'node:path'
import t from 'tap'
import { hashOf, isKey, newKey, prefixOf } from '../../shared/access/key-text.ts'
import { accessContract } from '../contracts/access.ts'
import { temporaryDir } from '../kit/build.ts'
import { storeAt } from '../kit/store.ts'

const root = temporaryDir(t)

accessContract(t, (t, place) => storeAt(t, { dataDir: join(root, place) }))

t.test('the text of a key shows that nothing was lost or mistyped', (t) => {
  const keys = Array.from({ length: 1_000 }, newKey)
  t.equal(new Set(keys.map(prefixOf)).size > 990, true)
  t.ok(keys.every((key) => isKey(key) && key.length === 53))
  const [key] = keys as [string]
  for (let at = 4; at < key.length; at += 1) {
    t.notOk(isKey(key.slice(0, at) + (key[at] === 'a' ? 'b' : 'a') + key.slice(at + 1)), `at ${at}`)
  }
  for (const text of [key.slice(0, -1), `${key}a`, ` ${key}`, `${key}\n`, key.toUpperCase()]) {
    t.notOk(isKey(text))
  }
  t.equal(hashOf(key).length, 64)
  t.end()
})
