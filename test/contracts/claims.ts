import type { Test } from 'tap'
import { openClaims } from '@switchhook/shared/claims'
import { openDirectory } from '@switchhook/shared/directory'
import type { Store } from '@switchhook/shared/database'

const start = Date.UTC(2026, 0, 1)

/**
 * What claims promise on any engine.
 * @param open opens a store as two processes have it
 */
export function claimsContract(t: Test, open: (t: Test) => Promise<[Store, Store]>): void {
  const opened = async (t: Test) => {
    const stores = await open(t)
    const app = (await openDirectory(stores[0])).firstApp.id
    const clock = { now: start }
    const [one, two] = stores.map((store) => openClaims(store, () => clock.now))
    const key = { app, call: 'call 1', action: 'screen-pop' }
    return { one: one!, two: two!, clock, key }
  }

  t.test(
    'of fifty who claim at once exactly one is granted, and all others learn who',
    async (t) => {
      const { one, two, key } = await opened(t)
      for (const call of ['a', 'b', 'c']) {
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, index) =>
            (index % 2 === 0 ? one : two).claim({ ...key, call, by: `tab ${index}` }),
          ),
        )
        const [winner, ...others] = answers.filter(({ granted }) => granted)
        t.ok(winner)
        t.strictSame(others, [])
        t.strictSame(new Set(answers.map(({ by }) => by)), new Set([winner!.by]))
      }
    },
  )

  t.test('who has it may ask again, and has it for longer', async (t) => {
    const { one, two, clock, key } = await opened(t)
    t.match(await one.claim({ ...key, by: 'a', ttlMs: 1_000 }), { granted: true, by: 'a' })
    clock.now += 999
    t.match(await two.claim({ ...key, by: 'b' }), { granted: false, by: 'a' })
    t.match(await two.claim({ ...key, by: 'a', ttlMs: 1_000 }), { granted: true, by: 'a' })
    clock.now += 999
    t.match(await two.claim({ ...key, by: 'b' }), { granted: false, by: 'a' })
    clock.now += 1
    t.match(await two.claim({ ...key, by: 'b' }), { granted: true, by: 'b' })
    t.match(await one.claim({ ...key, by: 'a' }), { granted: false, by: 'b' })
  })

  t.test('nobody has it for longer than thirty seconds, whatever they ask for', async (t) => {
    const { one, two, clock, key } = await opened(t)
    await one.claim({ ...key, by: 'a', ttlMs: 86_400_000 })
    clock.now += 29_999
    t.match(await two.claim({ ...key, by: 'b' }), { granted: false })
    clock.now += 1
    t.match(await two.claim({ ...key, by: 'b' }), { granted: true })
    clock.now += 30_000
    t.match(await one.claim({ ...key, by: 'a' }), { granted: true })
  })

  t.test('only who has it releases it, and then it is free', async (t) => {
    const { one, two, key } = await opened(t)
    await one.claim({ ...key, by: 'a' })
    t.equal(await two.release({ ...key, by: 'b' }), false)
    t.match(await two.claim({ ...key, by: 'b' }), { granted: false, by: 'a' })
    t.equal(await two.release({ ...key, by: 'a' }), true)
    t.equal(await one.release({ ...key, by: 'a' }), false)
    t.match(await two.claim({ ...key, by: 'b' }), { granted: true })
  })

  t.test('a claim is of one action on one call of one app', async (t) => {
    const { one, two, key } = await opened(t)
    await one.claim({ ...key, by: 'a' })
    for (const other of [{ action: 'notes' }, { call: 'call 2' }, { app: 'another' }]) {
      t.match(await two.claim({ ...key, ...other, by: 'b' }), { granted: true, by: 'b' })
    }
    t.match(await two.claim({ ...key, by: 'b' }), { granted: false })
  })

  t.test('with the call ends whatever was claimed of it, and nothing else', async (t) => {
    const { one, two, key } = await opened(t)
    const others = [{ call: 'call 2' }, { app: 'another' }]
    for (const other of [{}, { action: 'notes' }, ...others]) {
      await one.claim({ ...key, ...other, by: 'a' })
    }
    await two.endOfCall(key.app, [])
    await two.endOfCall(key.app, ['call 1', 'call 3'])
    for (const action of ['screen-pop', 'notes']) {
      t.match(await two.claim({ ...key, action, by: 'b' }), { granted: true })
    }
    for (const other of others) {
      t.match(await two.claim({ ...key, ...other, by: 'b' }), { granted: false })
    }
  })
}
