import t from 'tap'
import { Failover, failoverMetrics, type Dial } from '../../services/sip-proxy/failover/index.ts'
import { metered } from '../kit/metered.ts'
import { FakeClock } from '../kit/sip/fake-clock.ts'
import { routeTo, upstreamNamed } from '../kit/sip/route.ts'
import { dialMs, hostOf, patience, refused, targets } from '../kit/sip/targets.ts'

t.test('targets are dialled in their order, and the first that answers is enough', async (t) => {
  const { failover, connect } = targets(t)
  const { target, connection } = await failover.connect(
    routeTo('a', 'b'),
    async ({ host }) => host,
    patience,
  )
  t.equal(target.host, 'a')
  t.equal(connection, 'a')
  t.strictSame(await connect('a', 'b'), ['a'])
})

t.test('a dead first target costs one client one failed dial, and nobody else any', async (t) => {
  const { clock, down, connect, states } = targets(t)
  down.add('a')
  t.strictSame(await connect('a', 'b'), ['a', 'b'])
  for (let minute = 0; minute < 30; minute += 1) {
    t.strictSame(await connect('a', 'b'), ['b'])
    t.equal(states()['a'], 'penalised')
    await clock.advance(60_000)
  }
})

t.test('a penalty doubles from five seconds to a minute, and a trial ends it', async (t) => {
  const { clock, down, trials, connect, states, said } = targets(t)
  down.add('a')
  await connect('a', 'b')
  for (let minute = 0; minute < 4; minute += 1) {
    await clock.advance(60_000)
    await connect('a', 'b')
  }
  const times = trials.map(({ at }) => at / 1_000)
  t.strictSame(times, [5, 15, 35, 75, 135, 195])
  down.delete('a')
  await clock.advance(60_000)
  t.equal(states()['a'], 'up')
  t.strictSame(await connect('a', 'b'), ['a'])
  t.strictSame(said, ['sip target failed', 'sip target is back'])
  down.add('a')
  await connect('a', 'b')
  await clock.advance(5_000)
  t.equal(trials.at(-1)?.at, clock.now(), 'a new outage begins with five seconds')
})

t.test('jitter makes a penalty a fifth shorter or longer', async (t) => {
  for (const [random, seconds] of [
    [0, 4],
    [1, 6],
  ] as const) {
    const { clock, down, trials, connect } = targets(t, random)
    down.add('a')
    await connect('a')
    await clock.advance(10_000)
    t.equal(trials[0]?.at, seconds * 1_000)
  }
})

t.test(
  'if all are penalised they are tried, the one whose penalty ends first before the others',
  async (t) => {
    const { clock, down, connect, states } = targets(t)
    for (const host of ['a', 'b', 'c']) down.add(host)
    t.strictSame(await connect('b'), ['b'])
    await clock.advance(1_000)
    t.strictSame(await connect('a', 'b', 'c'), ['a', 'c', 'b'])
    t.strictSame(await connect('a', 'b', 'c'), ['b', 'a', 'c'])
    down.delete('c')
    t.strictSame(await connect('a', 'b', 'c'), ['b', 'a', 'c'])
    t.equal(states()['c'], 'up', 'it answered a client before its penalty was over')
    t.strictSame(await connect('a', 'b', 'c'), ['c'])
  },
)

t.test('many clients that fail in one outage make one penalty', async (t) => {
  const { clock, down, trials, connect } = targets(t)
  down.add('a')
  await Promise.all(Array.from({ length: 100 }, () => connect('a')))
  for (let second = 0; second < 4; second += 1) {
    await clock.advance(1_000)
    await connect('a')
  }
  await clock.advance(1_000)
  t.strictSame(trials, [{ host: 'a', at: 5_000 }])
})

t.test('a dial that fails late is not held against what answered meanwhile', async (t) => {
  const { clock, failover, connect, states } = targets(t)
  const slow = Promise.withResolvers<never>()
  const late = failover.connect(routeTo('a'), () => slow.promise, patience)
  await clock.advance(1_000)
  t.strictSame(await connect('a'), ['a'])
  slow.reject(refused('a'))
  await t.rejects(late, { code: 'upstream_unreachable' })
  t.equal(states()['a'], 'up')
})

t.test('who goes away blames nobody, and nobody is dialled for it any more', async (t) => {
  const { failover, states, clock } = targets(t)
  const gone = new AbortController()
  const dialled: string[] = []
  const dial: Dial<never> = ({ host }, { signal }) => {
    dialled.push(host)
    const { promise, reject } = Promise.withResolvers<never>()
    signal.addEventListener('abort', () => reject(refused(host)))
    return promise
  }
  const options = { signal: gone.signal, deadlineMs: 20_000 }
  const connecting = failover.connect(routeTo('a', 'b'), dial, options)
  gone.abort()
  await t.rejects(connecting)
  t.strictSame(dialled, ['a'])
  t.strictSame(states(), { a: 'up', b: 'up' })
  t.equal(clock.pending, 0)
  await t.rejects(failover.connect(routeTo('a'), dial, options), { name: 'AbortError' })
  t.strictSame(dialled, ['a'], 'also if it was gone before')
})

t.test('the deadline is for all targets together', async (t) => {
  const { failover, clock, states } = targets(t)
  const patient: [string, number][] = []
  const dial: Dial<never> = async ({ host }, { timeoutMs }) => {
    patient.push([host, timeoutMs])
    await clock.advance(timeoutMs)
    throw refused(host, 'upstream_timeout')
  }
  const options = { signal: patience.signal, deadlineMs: 8_000 }
  await t.rejects(failover.connect(routeTo('a', 'b', 'c'), dial, options), {
    code: 'upstream_timeout',
  })
  t.strictSame(patient, [
    ['a', 5_000],
    ['b', 3_000],
  ])
  t.equal(states()['b'], 'up', 'it was not given the time it may take')
  t.equal(states()['c'], 'up')
})

t.test(
  'when all fail, the first target written with a reason says it, the others behind',
  async (t) => {
    const { failover } = targets(t)
    const failed = async (...hosts: string[]) => {
      const errors = { a: new TypeError('a'), b: refused('b'), c: refused('c') } as Record<
        string,
        Error
      >
      const dial: Dial<never> = async ({ host }) => Promise.reject(errors[host]!)
      const error: unknown = await failover
        .connect(routeTo(...hosts), dial, patience)
        .catch((e) => e)
      const { cause } = error as { cause?: AggregateError }
      const name = (one: unknown) => Object.keys(errors).find((host) => errors[host] === one)
      return [name(error), ...(cause?.errors ?? []).map(name)]
    }
    t.strictSame(await failed('b'), ['b'], 'of one target nothing is to be added')
    t.strictSame(await failed('b', 'c'), ['b', 'c'], 'also if it was dialled last')
    t.strictSame(await failed('a', 'c', 'b'), ['c', 'a', 'b'], 'whoever has a code')
    t.strictSame(await failed('a'), ['a'], 'or else whoever there is')
  },
)

t.test('a trial that takes too long is called off and has failed', async (t) => {
  const clock = new FakeClock()
  const signals: AbortSignal[] = []
  const failover = new Failover({
    dialMs,
    clock,
    random: () => 0.5,
    log: { info: () => {}, warn: () => {} } as never,
    trial: (_upstream, _target, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    },
  })
  t.teardown(() => failover.close())
  const dial: Dial<never> = async ({ host }) => Promise.reject(refused(host))
  await t.rejects(failover.connect(routeTo('a'), dial, patience))
  await clock.advance(5_000)
  t.equal(failover.targets[0]?.state, 'trial')
  t.equal(signals[0]?.aborted, false)
  await clock.advance(dialMs)
  t.equal(signals[0]?.aborted, true)
  t.equal(failover.targets[0]?.state, 'penalised')
  await clock.advance(10_000)
  t.equal(signals.length, 2)
  failover.close()
  t.equal(signals[1]?.aborted, true, 'closing calls it off')
  t.equal(clock.pending, 0)
})

t.test('what fails after the end has no consequences', async (t) => {
  const { clock, down, failover, connect } = targets(t)
  down.add('a')
  await connect('a')
  t.equal(clock.pending, 1)
  failover.close()
  t.equal(clock.pending, 0)
  t.strictSame(await connect('a', 'b'), ['a', 'b'])
  t.equal(clock.pending, 0)
})

t.test('a trial is made with the upstream as it was last asked for', async (t) => {
  const clock = new FakeClock()
  const tried: string[] = []
  const failover = new Failover({
    dialMs,
    clock,
    log: { info: () => {}, warn: () => {} } as never,
    trial: async ({ servername }) => void tried.push(servername!),
  })
  t.teardown(() => failover.close())
  const dial: Dial<never> = async ({ host }) => Promise.reject(refused(host))
  for (const servername of ['old', 'new']) {
    const upstream = { ...upstreamNamed('pbx'), servername }
    await t.rejects(failover.connect({ ...routeTo('a'), upstream }, dial, patience))
  }
  await clock.advance(6_000)
  t.strictSame(tried, ['new'])
})

t.test('nobody asks for long after a target that nobody asked for in ten minutes', async (t) => {
  const { clock, down, trials, connect, states } = targets(t)
  down.add('a')
  await connect('a')
  await clock.advance(700_000)
  t.strictSame(states(), {})
  t.equal(clock.pending, 0)
  t.ok(trials.length < 20)
})

t.test('a thousand targets are remembered, and few of them are tried at once', async (t) => {
  const { clock, down, trials, failover, connect } = targets(t)
  const hosts = Array.from({ length: 1_500 }, (_, index) => `pbx${index}`)
  for (const host of hosts) down.add(host)
  for (const host of hosts) await connect(host)
  t.equal(failover.targets.length, 1_000)
  t.equal(hostOf(failover.targets[0]!.url), 'pbx500')
  t.equal(clock.pending, 1_000)
  await connect('pbx500', 'fresh')
  t.equal(failover.targets.length, 1_000)
  t.notOk(
    failover.targets.some(({ url }) => hostOf(url) === 'pbx501'),
    'not asked for longest',
  )
  await clock.advance(5_000)
  t.ok(trials.length > 0)
})

t.test('the same target of two upstreams stands for each by itself', async (t) => {
  const { failover } = targets(t)
  const dial: Dial<never> = async ({ host }) => Promise.reject(refused(host))
  await t.rejects(failover.connect(routeTo('a'), dial, patience))
  const other = { ...routeTo('a'), upstream: upstreamNamed('other') }
  await failover.connect(other, async () => 'fine', patience)
  t.match(failover.targets, [
    { upstream: 'pbx', state: 'penalised' },
    { upstream: 'other', state: 'up' },
  ])
})

t.test('the metric counts the targets of the upstreams that there are', async (t) => {
  const { failover, connect, down } = targets(t)
  const { metrics: registry } = await metered(t)
  const all = ['pbx', 'quiet'].map(upstreamNamed)
  failoverMetrics(registry, { failover, upstreams: { all, usable: true, find: () => null } })
  down.add('a')
  await connect('a', 'b')
  await failover.connect(
    { ...routeTo('x'), upstream: upstreamNamed('gone') },
    async () => 1,
    patience,
  )
  const text = await registry.metrics()
  t.match(text, 'switchhook_sip_targets{upstream="pbx",state="up"} 1\n')
  t.match(text, 'switchhook_sip_targets{upstream="pbx",state="penalised"} 1\n')
  t.match(text, 'switchhook_sip_targets{upstream="pbx",state="trial"} 0\n')
  t.match(text, 'switchhook_sip_targets{upstream="quiet",state="up"} 0\n')
  t.notMatch(text, 'gone')
})
