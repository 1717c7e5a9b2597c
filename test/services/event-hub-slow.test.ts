import t from 'tap'
import { build, type Suite } from '../kit/build.ts'
import { connect, type Client, type Frame } from '../kit/client.ts'
import { until } from '../kit/until.ts'
import { large, publish, supervisor } from '../contracts/hub-events.ts'

const slowBytes = 262_144
/** What the kernel holds for a connection comes on top, and two hundred of these are more than that. */
const bursts = 40

/** About 20 MB of events, the last one of call `end`. */
async function flood({ app }: Suite, quick: Client): Promise<void> {
  for (let burst = 0; burst < bursts; burst += 1) {
    await publish(
      app,
      Array.from({ length: 10 }, (_, n) => large({ callId: `c${n}` })),
    )
    await quick.nextEvents(10)
  }
  await publish(app, [{ callId: 'c3', type: 'call.hangup' }, { callId: 'end' }])
  await quick.nextEvents(2)
}

async function metric({ url }: Suite, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])
}

async function liveCalls({ app }: Suite): Promise<string[]> {
  const { calls } = await app.journal.liveCalls(app.directory.firstApp.id, 1_000)
  return calls.map(({ id }) => id).sort()
}

t.test(
  'who does not read for a while gets a gap and the live calls on the same socket',
  async (t) => {
    const suite = await build(t)
    const [quick, slow] = [await supervisor(suite), await supervisor(suite)]
    await slow.nextNamed('head')
    slow.socket.pause()
    await flood(suite, quick)
    await until(async () => (await metric(suite, 'switchhook_hub_gaps_total')) === 1)
    const waiting = await metric(suite, 'switchhook_hub_queue_bytes')
    // One write of a burst may go beyond what was free.
    t.ok(waiting <= slowBytes + 600_000, `${waiting} bytes wait`)
    t.notOk(quick.frames.some(({ event }) => event === 'gap'))
    slow.socket.resume()
    const before: Frame[] = []
    for (let frame = await slow.next(); frame.event !== 'gap'; frame = await slow.next()) {
      if (frame.seq !== undefined) before.push(frame)
    }
    const gap = slow.frames.findLast(({ event }) => event === 'gap')!
    t.match(gap.data, { from: before.at(-1)!.seq, to: bursts * 10 + 2, reason: 'slow' })
    const calls = new Set<string>()
    for (let last: unknown = false; !last;) {
      const { data } = await slow.nextNamed('snapshot')
      for (const { id } of data['calls'] as { id: string }[]) calls.add(id)
      last = data['last']
    }
    t.strictSame([...calls].sort(), await liveCalls(suite))
    await publish(suite.app, [{ callId: 'after' }])
    t.match((await slow.nextEvents(1))[0], { call: 'after', prev: bursts * 10 + 2 })
    t.equal(await metric(suite, 'switchhook_hub_queue_bytes'), 0)
  },
)

for (const [who, open] of [
  ['a legacy client', (suite: Suite) => connect(suite.url, { token: suite.token })],
  [
    'a client that wants every event',
    async (suite: Suite) => {
      const client = await supervisor(suite, '/ws?sub=none')
      await client.ask('subscribe', { channels: ['calls'], snapshot: 'never' })
      return client
    },
  ],
] as const) {
  t.test(`${who} gets each of them in order, however slowly it reads`, async (t) => {
    const suite = await build(t)
    const [quick, slow] = [await supervisor(suite), await open(suite)]
    await slow.next()
    slow.socket.pause()
    await flood(suite, quick)
    slow.socket.resume()
    const frames = await slow.nextEvents(bursts * 10 + 2)
    t.ok(frames.every(({ seq, prev }, index) => seq === index + 1 && prev === index))
    t.notOk(slow.frames.some(({ event }) => /gap|snapshot|resync/.test(event)))
  })
}

t.test('a burst that is larger than the limit is no reason to call anybody slow', async (t) => {
  const suite = await build(t)
  const client = await supervisor(suite)
  await publish(
    suite.app,
    Array.from({ length: 10 }, () => large()),
  )
  await client.nextEvents(10)
  t.notOk(client.frames.some(({ event }) => event === 'gap'))
})

t.test('who never reads is closed 4408, and nobody waits for it', async (t) => {
  const suite = await build(t, { environment: { WS_STALL_SECONDS: '3' } })
  const [quick, deaf] = [await supervisor(suite), await supervisor(suite)]
  deaf.socket.pause()
  await flood(suite, quick)
  await until(async () => {
    const closes = 'switchhook_hub_closes_total\\{close_code="4408"\\}'
    return (await metric(suite, closes)) === 1
  })
  t.equal(await metric(suite, 'switchhook_hub_queue_bytes'), 0)
  deaf.socket.terminate()
})

t.test('who does not read is closed 4408 too when little waits for it', async (t) => {
  const suite = await build(t, {
    environment: {
      WS_STALL_SECONDS: '3',
      WS_SLOW_BYTES: '100000000',
      WS_BACKLOG_BYTES: '100000000',
    },
  })
  const [quick, deaf] = [await supervisor(suite), await supervisor(suite)]
  deaf.socket.pause()
  // Until more waits than the kernel holds for a connection.
  await until(async () => {
    await publish(suite.app, [large()])
    await quick.nextEvents(1)
    return (await metric(suite, 'switchhook_hub_queue_bytes')) > 0
  })
  await until(async () => (await metric(suite, 'switchhook_hub_queue_bytes')) === 0)
  const closes = 'switchhook_hub_closes_total\\{close_code="4408"\\}'
  await until(async () => (await metric(suite, closes)) === 1)
  deaf.socket.terminate()
})
