import t, { type Test } from 'tap'
import { missingParts } from '../../services/event-hub/presence/entry.ts'
import { maxAgents } from '../../services/event-hub/presence/roster.ts'
import { temporaryDir } from '../kit/build.ts'
import { changes, presenceHub, seconds, type Clock, type PresenceHub } from '../kit/presence.ts'
import { storeAt } from '../kit/store.ts'

const app = 'an app'
const ann = { id: 'ann', name: 'ann@example.com' }

interface Alone {
  readonly hub: PresenceHub
  readonly clock: Clock
  pass(count: number): Promise<void>
}

async function alone(t: Test): Promise<Alone> {
  const store = await storeAt(t, { dataDir: temporaryDir(t) })
  const clock = { now: Date.UTC(2026, 0, 1) }
  const hub = presenceHub(store, clock)
  await hub.turn()
  return { hub, clock, pass: (count) => seconds(count, clock, [hub]) }
}

t.test('reachable is who has a socket, whose phone and provider say nothing else', async (t) => {
  const sockets = [0, 1, 3]
  const sips = [null, 'registered', 'unregistered'] as const
  const words = new Map([
    [null, true],
    ['available', true],
    ['On-Duty', true],
    ['ready', true],
    ['open', true],
    ['busy', false],
    ['do_not_disturb', false],
    ['a word nobody knows', false],
  ])
  for (const count of sockets) {
    for (const sip of sips) {
      for (const [provider, agrees] of words) {
        const missing = [
          ...(count === 0 ? ['socket'] : []),
          ...(sip === 'unregistered' ? ['sip'] : []),
          ...(agrees ? [] : ['provider']),
        ]
        const place = `${count} sockets, ${sip}, ${provider}`
        t.strictSame(missingParts({ sockets: count, sip, provider }), missing, place)
      }
    }
  }
})

t.test('the entry names each part that is missing', async (t) => {
  const { hub } = await alone(t)
  const leave = hub.enter(app, ann)
  t.match(hub.list(app), [{ reachable: true, missing: [], sip: null, provider: null }])
  hub.learn(app, 'ann', { sip: 'unregistered' })
  t.match(hub.list(app), [{ reachable: false, missing: ['sip'] }])
  hub.learn(app, 'ann', { provider: 'unavailable' })
  t.match(hub.list(app), [{ missing: ['sip', 'provider'], provider: 'unavailable' }])
  hub.learn(app, 'ann', { sip: 'registered', provider: 'available' })
  t.match(hub.list(app), [{ reachable: true, missing: [] }])
  leave()
  t.match(hub.list(app), [{ reachable: true }], 'still in the grace')
})

t.test('whoever only the phone or the provider knows is shown, without a socket', async (t) => {
  const { hub, pass } = await alone(t)
  hub.learn(app, 'ann', { provider: 'available' })
  t.match(hub.list(app), [
    { agent: 'ann', name: 'ann', state: 'offline', sockets: 0, missing: ['socket'] },
  ])
  const leave = hub.enter(app, ann)
  hub.say(app, 'ann', { state: 'busy', note: 'back at 3' })
  t.match(hub.list(app), [{ name: 'ann@example.com', state: 'busy', missing: [] }])
  leave()
  await pass(16)
  t.match(hub.list(app), [{ state: 'offline', note: null, missing: ['socket'] }])
  hub.learn(app, 'ann', { provider: null })
  t.strictSame(hub.list(app), [])
})

t.test('what is said here is known here at once, before the store knows', async (t) => {
  const { hub, clock } = await alone(t)
  hub.enter(app, ann)
  const since = new Date(clock.now).toISOString()
  t.match(hub.get(app, ['ann', 'bob']), { ann: { state: 'available', since } })
  clock.now += 500
  hub.say(app, 'ann', { state: 'busy', note: 'x' })
  const later = new Date(clock.now).toISOString()
  t.match(hub.get(app, ['ann']), { ann: { state: 'busy', note: 'x', since: later } })
  clock.now += 500
  hub.say(app, 'ann', { state: 'busy' })
  t.match(hub.get(app, ['ann']), { ann: { note: null, since: later } }, 'the state is as old')
  t.notOk('bob' in hub.get(app, ['bob']))
})

t.test('a socket leaves once, however often it is told', async (t) => {
  const { hub, pass } = await alone(t)
  const leave = hub.enter(app, ann)
  hub.enter(app, ann)
  leave()
  leave()
  await pass(30)
  t.match(hub.list(app), [{ sockets: 1 }])
})

t.test('what cannot be said is refused with what is wrong with it', async (t) => {
  const { hub } = await alone(t)
  hub.enter(app, ann)
  const wrong = [
    [{ state: '' }, 'state is empty'],
    [{ state: 'x'.repeat(33) }, 'state is longer than 32 characters'],
    [{ state: 'a\nb' }, 'state has control characters'],
    [{ state: '\ud800' }, 'state has control characters'],
    [{ state: 7 }, 'state is not a text'],
    [{ state: 'busy', note: 'x'.repeat(257) }, 'note is longer than 256 characters'],
    [{ state: 'busy', note: '\0' }, 'note has control characters'],
  ] as const
  for (const [words, message] of wrong) {
    const say = () => hub.say(app, 'ann', words as { state: string })
    t.throws(say, { code: 'bad_frame', message: new RegExp(message) })
  }
  t.match(hub.list(app), [{ state: 'available', note: null }])
  hub.say(app, 'nobody', { state: 'busy' })
  t.match(hub.list(app), { length: 1 })
})

t.test('who watches is told the latest of each, and of a reload nothing', async (t) => {
  const { hub, pass } = await alone(t)
  const first = changes(hub, app, ({ ann }) => ann !== undefined)
  const leave = hub.enter(app, ann)
  hub.say(app, 'ann', { state: 'busy' })
  hub.enter('another app', { id: 'eve', name: 'eve' })
  const { ann: shown, ...others } = await first
  t.match(shown, { state: 'busy', sockets: 1 })
  t.strictSame(others, {})

  const diffs: string[][] = []
  hub.watch(app, ({ set, del }) => diffs.push([...Object.keys(set), ...del]))
  leave()
  await pass(5)
  const again = hub.enter(app, ann)
  await pass(20)
  const second = changes(hub, app, ({ bob }) => bob !== undefined)
  hub.enter(app, { id: 'bob', name: 'bob' })
  await second
  t.strictSame(diffs, [['bob']])

  const third = changes(hub, app, (seen) => 'ann' in seen)
  again()
  await pass(16)
  t.strictSame(await third, { ann: undefined })
})

t.test('many changes are few diffs, and none after the watch has ended', async (t) => {
  const { hub } = await alone(t)
  hub.enter(app, ann)
  let calls = 0
  const end = hub.watch(app, () => void (calls += 1))
  const last = changes(hub, app, (seen) => seen['ann']?.state === 'state 1000')
  for (let index = 1; index <= 1_000; index += 1) {
    hub.say(app, 'ann', { state: `state ${index}` })
    if (index % 100 === 0) await new Promise(setImmediate)
  }
  await last
  t.ok(calls < 20, `${calls} calls`)
  end()
  const before = calls
  const other = changes(hub, app, (seen) => seen['ann']?.state === 'away')
  hub.say(app, 'ann', { state: 'away' })
  await other
  t.equal(calls, before)
})

t.test('what was confirmed is told now and then, not each time', async (t) => {
  const { hub, pass } = await alone(t)
  hub.enter(app, ann)
  for (let seq = 1; seq <= 50; seq += 1) hub.seen(app, 'ann', seq)
  hub.seen(app, 'ann', 7)
  hub.seen(app, 'nobody', 7)
  t.match(hub.list(app), [{ seen: null }])
  await pass(6)
  t.match(hub.list(app), [{ seen: 50 }])
})

t.test('an app shows ten thousand agents, and says once that there are more', async (t) => {
  const { hub, pass } = await alone(t)
  for (let agent = 0; agent < maxAgents; agent += 1) {
    hub.enter(app, { id: `agent ${agent}`, name: 'one of many' })
  }
  for (const id of ['one', 'more']) hub.enter(app, { id, name: id })()
  hub.learn(app, 'and another', { sip: 'registered' })
  hub.enter('another app', ann)
  t.equal(hub.list(app).length, maxAgents)
  t.equal(hub.list('another app').length, 1)
  await pass(15)
  t.strictSame(hub.warnings, ['more agents than presence shows'])
})

t.test('a hub that starts anew in the grace knows what was said', async (t) => {
  const store = await storeAt(t, { dataDir: temporaryDir(t) })
  const clock = { now: Date.UTC(2026, 0, 1) }
  const before = presenceHub(store, clock)
  await seconds(1, clock, [before])
  before.enter(app, ann)()
  before.enter(app, { id: 'bob', name: 'bob' })
  before.say(app, 'ann', { state: 'busy' })
  await before.close()
  clock.now += 5_000
  const after = presenceHub(store, clock)
  await seconds(1, clock, [after])
  t.match(after.get(app, ['ann', 'bob']), { ann: { state: 'busy' }, bob: { sockets: 1 } })
  after.enter(app, ann)
  await seconds(15, clock, [after])
  t.match(after.list(app), [{ agent: 'ann', state: 'busy', sockets: 1 }])
  t.equal(after.list(app).length, 1)
})
