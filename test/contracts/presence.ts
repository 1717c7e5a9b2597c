import { openDirectory } from '@switchhook/shared/directory'
import { openPresenceRows } from '@switchhook/shared/presence'
import { presenceHub, seconds, type Clock, type PresenceHub } from '../kit/presence.ts'
import type { Test } from 'tap'
import type { Store } from '@switchhook/shared/database'
import type { PresenceEntry } from '@switchhook/shared/protocol'

const ann = { id: 'ann', name: 'ann@example.com' }

interface Hubs {
  readonly stores: readonly Store[]
  readonly clock: Clock
  readonly app: string
  readonly one: PresenceHub
  readonly two: PresenceHub
  /** Both hubs' turns, once a second. */
  pass(count: number): Promise<void>
  /** What both hubs say of ann, who must be the same to both. */
  ann(): PresenceEntry | undefined
}

/**
 * What presence promises when the sockets of an agent are on several hubs.
 * @param open opens a store as two processes have it
 */
export function presenceContract(t: Test, open: (t: Test) => Promise<[Store, Store]>): void {
  const hubs = async (t: Test): Promise<Hubs> => {
    const stores = await open(t)
    const app = (await openDirectory(stores[0])).firstApp.id
    const clock = { now: Date.UTC(2026, 0, 1) }
    const [one, two] = [presenceHub(stores[0], clock), presenceHub(stores[1], clock)]
    const pass = (count: number) => seconds(count, clock, [one, two])
    await pass(1)
    const annOf = () => {
      const entry = one.list(app)[0]
      t.strictSame(two.list(app), entry ? [entry] : [], 'both hubs say the same')
      return entry
    }
    return { stores, clock, app, one, two, pass, ann: annOf }
  }

  t.test('an agent is one entry, on whatever hubs the sockets are', async (t) => {
    const { app, one, two, pass, ann: entry } = await hubs(t)
    const leaves = [one.enter(app, ann), two.enter(app, ann), two.enter(app, ann)]
    await pass(2)
    t.match(entry(), {
      agent: 'ann',
      name: 'ann@example.com',
      state: 'available',
      sockets: 3,
      reachable: true,
      missing: [],
    })
    leaves[1]!()
    await pass(2)
    t.match(entry(), { sockets: 2 })
    for (const leave of leaves) leave()
    await pass(16)
    t.equal(entry(), undefined)
    t.strictSame(two.list('another app'), [])
  })

  t.test('what is said or told on one hub is known on the other, the latest of each', async (t) => {
    const { app, one, two, pass, ann: entry } = await hubs(t)
    one.enter(app, ann)
    two.enter(app, ann)
    await pass(2)
    one.say(app, 'ann', { state: 'busy', note: 'lunch' })
    two.learn(app, 'ann', { provider: 'Available' })
    one.learn(app, 'ann', { sip: 'registered' })
    two.seen(app, 'ann', 7)
    await pass(7)
    t.match(entry(), {
      state: 'busy',
      note: 'lunch',
      provider: 'Available',
      sip: 'registered',
      seen: 7,
      reachable: true,
    })
    two.say(app, 'ann', { state: 'away' })
    one.seen(app, 'ann', 5)
    two.learn(app, 'ann', { sip: 'unregistered' })
    await pass(7)
    t.match(entry(), { state: 'away', note: null, seen: 7, reachable: false, missing: ['sip'] })
  })

  t.test('a reload changes nothing, on no hub', async (t) => {
    const { app, one, two, pass, ann: entry } = await hubs(t)
    const leave = one.enter(app, ann)
    one.say(app, 'ann', { state: 'busy' })
    await pass(2)
    const before = entry()
    leave()
    await pass(14)
    t.strictSame(entry(), before)
    one.enter(app, ann)
    await pass(30)
    t.strictSame(entry(), before)
    t.strictSame([...one.warnings, ...two.warnings], [])
  })

  t.test('who comes back on another hub keeps what was said, and is counted once', async (t) => {
    const { app, one, two, pass, ann: entry } = await hubs(t)
    const leave = one.enter(app, ann)
    one.say(app, 'ann', { state: 'busy', note: 'a client' })
    await pass(2)
    const before = entry()
    leave()
    two.enter(app, ann)
    await pass(3)
    t.strictSame(entry(), before)
  })

  t.test('who comes back after the grace begins anew', async (t) => {
    const { app, one, two, pass, ann: entry } = await hubs(t)
    const leave = one.enter(app, ann)
    one.say(app, 'ann', { state: 'busy', note: 'a client' })
    await pass(2)
    leave()
    await pass(16)
    t.equal(entry(), undefined)
    two.enter(app, ann)
    await pass(2)
    t.match(entry(), { state: 'available', note: null })
  })

  t.test('a hub that stops leaves its agents the grace to come back elsewhere', async (t) => {
    const { clock, app, one, two, pass } = await hubs(t)
    const leave = one.enter(app, ann)
    const gone = { id: 'gone', name: 'gone' }
    one.enter(app, gone)
    one.say(app, 'ann', { state: 'busy' })
    await pass(2)
    const before = two.get(app, ['ann', 'gone'])
    t.match(before, { ann: { sockets: 1 }, gone: { sockets: 1 } })
    // Said a moment before the end.
    one.say(app, 'gone', { state: 'away' })
    leave()
    await one.close()
    await seconds(14, clock, [two])
    t.strictSame(two.get(app, ['ann']), { ann: before['ann'] })
    t.match(two.get(app, ['gone']), { gone: { sockets: 1, state: 'away' } })
    two.enter(app, ann)
    await seconds(3, clock, [two])
    t.strictSame(two.list(app), [before['ann']])
  })

  t.test('a hub that was killed counts until its lease of 15 s is over', async (t) => {
    const { clock, app, one, two, pass } = await hubs(t)
    one.enter(app, ann)
    one.enter(app, { id: 'bob', name: 'bob' })
    two.enter(app, { id: 'bob', name: 'bob' })
    await pass(2)
    await seconds(10, clock, [two])
    t.match(two.get(app, ['ann', 'bob']), { ann: { sockets: 1 }, bob: { sockets: 2 } })
    await seconds(8, clock, [two])
    t.match(two.list(app), [{ agent: 'bob', sockets: 1 }])
    t.equal(two.list(app).length, 1)
  })

  t.test('a hub that was frozen, and forgotten, counts again when it goes on', async (t) => {
    const { clock, app, one, two, pass, ann: entry } = await hubs(t)
    one.enter(app, ann)
    await pass(2)
    const before = entry()
    await seconds(30, clock, [two])
    t.strictSame(two.list(app), [])
    await pass(3)
    t.strictSame(entry(), before, 'its rows were still there')
    await seconds(200, clock, [two])
    t.strictSame(two.list(app), [])
    await pass(3)
    t.match(entry(), { agent: 'ann', name: 'ann@example.com', sockets: 1 })
  })

  t.test('a hub that starts knows at once who is there', async (t) => {
    const { stores, clock, app, one, pass, ann: entry } = await hubs(t)
    one.enter(app, ann)
    one.say(app, 'ann', { state: 'busy' })
    one.learn(app, 'bob', { sip: 'registered' })
    one.enter(app, { id: 'eve', name: 'eve' })()
    await pass(20)
    const three = presenceHub(stores[1]!, clock)
    await three.turn()
    for (const hub of [one, three]) {
      t.strictSame(hub.get(app, ['ann', 'eve']), one.get(app, ['ann']))
      t.match(hub.get(app, ['ann', 'bob']), {
        ann: { state: 'busy', sockets: 1 },
        bob: { state: 'offline', sockets: 0, sip: 'registered', missing: ['socket'] },
      })
    }
    one.learn(app, 'bob', { sip: null })
    await pass(2)
    t.match(entry(), { agent: 'ann' })
  })

  t.test('the clocks of hubs need not agree', async (t) => {
    const { stores, app, one, clock } = await hubs(t)
    const ahead: Clock = { now: clock.now + 600_000 }
    const three = presenceHub(stores[1]!, ahead)
    const pass = async (count: number) => {
      for (let second = 0; second < count; second += 1) {
        await seconds(1, clock, [one])
        await seconds(1, ahead, [three])
      }
    }
    one.enter(app, ann)
    three.enter(app, { id: 'bob', name: 'bob' })
    await pass(8)
    for (const hub of [one, three]) t.equal(hub.list(app).length, 2)
    await pass(40)
    for (const hub of [one, three]) t.equal(hub.list(app).length, 2)
    await one.close()
    await seconds(14, ahead, [three])
    t.equal(three.list(app).length, 2, 'the grace of those who stop as well')
    await seconds(2, ahead, [three])
    t.equal(three.list(app).length, 1)
  })

  t.test('rows that nobody needs are removed, of hubs and of agents', async (t) => {
    const { stores, clock, app, one, two, pass } = await hubs(t)
    one.enter(app, ann)
    one.enter(app, { id: 'bob', name: 'bob' })()
    await pass(2)
    await one.close()
    await seconds(200, clock, [two])
    const day = 86_400_000
    clock.now += day
    two.enter(app, { id: 'eve', name: 'eve' })
    await seconds(130, clock, [two])
    const { nodes, agents, sockets } = await openPresenceRows(stores[1]!).look(-1)
    t.equal(nodes.length, 1)
    t.strictSame(
      sockets.map(({ agent }) => agent),
      ['eve'],
    )
    t.strictSame(
      agents.map(({ agent }) => agent),
      ['eve'],
    )
  })

  t.test('a thousand agents and more travel in turns', async (t) => {
    const { app, one, two, pass } = await hubs(t)
    for (let agent = 0; agent < 2_500; agent += 1) {
      one.enter(app, { id: `agent ${agent}`, name: `agent ${agent}` })
    }
    await pass(4)
    t.equal(two.list(app).length, 2_500)
  })

  t.test('names and ids that no engine takes are taken without what hurts', async (t) => {
    const { app, one, two, pass } = await hubs(t)
    one.enter(app, { id: 'nul\0', name: 'half of a pair \ud83d' })
    one.enter(app, { id: '__proto__', name: 'x'.repeat(1_000) })
    one.learn(app, 'bob', { provider: 'on\0line' })
    await pass(2)
    t.strictSame([...one.warnings, ...two.warnings], [])
    t.match(two.get(app, ['nul\0', 'bob']), {
      'nul\0': { agent: 'nul', name: 'half of a pair \ufffd' },
      bob: { provider: 'online', missing: ['socket'] },
    })
    t.equal(two.list(app).find(({ agent }) => agent === '__proto__')?.name.length, 256)
  })
}
