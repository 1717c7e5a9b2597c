import t, { type Test } from 'tap'
import { openRegistrations } from '@switchhook/shared/registrations'
import {
  app,
  Line,
  opened,
  registrarAt,
  type Clock,
  type Counted,
} from './sip-proxy-registrations-sample.ts'

const row = (user: string) => `Contact: <sip:${user}@a.invalid>;expires=3600`

async function pair(t: Test) {
  const { clock, store, registrar: one } = await opened(t)
  const two = registrarAt(store, clock)
  const users = async () => {
    const found = await openRegistrations(store).list({ app, now: at(clock), limit: 5_000 })
    return found.map(({ contact }) => contact.slice(4, contact.indexOf('@'))).toSorted()
  }
  await pass(1, clock, [one, two])
  return { clock, store, one, two, users }
}

const at = ({ now }: Clock): string => new Date(now).toISOString()

/** A second passes, so many times. */
async function pass(count: number, clock: Clock, registrars: readonly Counted[]): Promise<void> {
  for (let second = 0; second < count; second += 1) {
    clock.now += 1_000
    for (const registrar of registrars) await registrar.turn()
  }
}

t.test('whoever is asked knows who is registered anywhere', async (t) => {
  const { clock, one, two } = await pair(t)
  new Line(one).register([row('a')])
  new Line(two).register([row('b')])
  await pass(1, clock, [one])
  for (const registrar of [one, two]) {
    const found = await registrar.list({ app, limit: 9 })
    t.ok(found.some(({ contact }) => contact === 'sip:a@a.invalid'))
  }
  t.equal((await one.list({ app, limit: 9 })).length, 2)
  t.strictSame(one.count(), new Map([['phantom', 1]]), 'each counts its own')
})

t.test('who moves to another process is listed once, whoever notices first', async (t) => {
  const { clock, one, two, users } = await pair(t)
  const [before, after] = [new Line(one), new Line(two)]
  before.register([row('a')])
  await pass(1, clock, [one, two])
  after.register([row('a')])
  await pass(1, clock, [one, two])
  before.watch.closed()
  await pass(1, clock, [one, two])
  t.strictSame(await users(), ['a'])
  after.watch.closed()
  await pass(1, clock, [one, two])
  t.strictSame(await users(), [])
})

t.test('a process that stops takes its registrations along', async (t) => {
  const { one, two, users, clock } = await pair(t)
  new Line(one).register([row('a')])
  new Line(two).register([row('b')])
  await pass(1, clock, [one, two])
  await one.close()
  t.strictSame(await users(), ['b'])
  t.equal((await openRegistrations((await opened(t)).store).nodes()).length, 0)
})

t.test('of a process that was killed nothing is listed after half a minute', async (t) => {
  const { one, two, users, clock, store } = await pair(t)
  new Line(one).register([row('a')])
  new Line(two).register([row('b')])
  await pass(1, clock, [one, two])
  await pass(10, clock, [two])
  t.strictSame(await users(), ['a', 'b'])
  await pass(20, clock, [two])
  t.strictSame(await users(), ['b'])
  t.equal((await openRegistrations(store).nodes()).length, 1)
})

t.test('a process that only stood still lists its own again', async (t) => {
  const { one, two, users, clock } = await pair(t)
  const line = new Line(one)
  line.register([row('a')])
  line.register([row('b')])
  await pass(1, clock, [one, two])
  await pass(40, clock, [two])
  t.strictSame(await users(), [])
  line.register(['Contact: <sip:b@a.invalid>;expires=0'])
  await pass(5, clock, [one, two])
  t.strictSame(await users(), ['a'])
})

t.test('a process that starts removes what nobody speaks for', async (t) => {
  const { one, users, clock, store } = await pair(t)
  new Line(one).register([row('a')])
  await pass(1, clock, [one])
  const later = registrarAt(store, clock)
  await pass(31, clock, [later])
  t.strictSame(await users(), [])
})

t.test('what is over leaves the store', async (t) => {
  const { one, two, clock, store } = await pair(t)
  new Line(one).register(['Contact: <sip:a@a.invalid>;expires=10'])
  await pass(20, clock, [one, two])
  const all = await openRegistrations(store).list({
    app,
    now: '2020-01-01T00:00:00.000Z',
    limit: 9,
  })
  t.strictSame(all, [])
})

t.test(
  'thousands that come back at once are written in a few turns, the latest of each',
  async (t) => {
    const { one, users, clock } = await pair(t)
    const lines = Array.from({ length: 1_500 }, () => new Line(one))
    for (const [user, line] of lines.entries()) {
      line.register([row(`x${user}`)])
      line.register([row(`y${user}`)])
      line.register([`Contact: <sip:x${user}@a.invalid>;expires=0`])
    }
    await pass(1, clock, [one])
    t.equal((await users()).length, 1_000)
    await pass(1, clock, [one])
    t.equal((await users()).length, 1_500)
    t.strictSame(one.said, [])
  },
)

t.test('a clock that is set back keeps nobody from looking who is gone', async (t) => {
  const { clock, one, two, users } = await pair(t)
  new Line(one).register([row('a')])
  await pass(1, clock, [one, two])
  clock.now -= 3_600_000
  await pass(40, clock, [two])
  t.strictSame(await users(), [])
})
