import t from 'tap'
import { build, type Suite } from '../kit/build.ts'
import { connect, type Client } from '../kit/client.ts'
import { until } from '../kit/until.ts'
import {
  agent,
  callsUntil,
  commit,
  mapUsers,
  of,
  publish,
  supervisor,
} from '../contracts/hub-events.ts'

const many = (count: number) => Array.from({ length: count }, (_, n) => ({ callId: `c${n}` }))

async function fromCursor({ url, token }: Suite, cursor: string): Promise<Client> {
  const client = await connect(url, { token, modern: true, cursor })
  await client.nextNamed('connected')
  return client
}

/** Counts how often the journal is asked. */
function countReads({ app: { journal } }: Suite): { read: number; liveCalls: number } {
  const asked = { read: 0, liveCalls: 0 }
  const { read, liveCalls } = journal
  journal.read = (...args) => ((asked.read += 1), read(...args))
  journal.liveCalls = (...args) => ((asked.liveCalls += 1), liveCalls(...args))
  return asked
}

t.test(
  'a cursor that cannot be continued is answered with the reason and the live calls',
  async (t) => {
    const suite = await build(t, { environment: { WS_REPLAY_EVENTS: '5' } })
    const { app } = suite
    const { epoch } = app.journal
    await publish(app, many(8))
    for (const [cursor, reason] of [
      ['other:3', 'epoch'],
      ['', 'epoch'],
      [`${epoch}:-1`, 'epoch'],
      [`${epoch}:9`, 'ahead'],
      [`${epoch}:999999999999999`, 'ahead'],
      [`${epoch}:2`, 'too_many'],
    ] as const) {
      const client = await fromCursor(suite, cursor)
      t.match(
        await client.next(),
        { event: 'resync', data: { reason, head: `${epoch}:8` } },
        cursor,
      )
      const { data } = await client.next()
      t.match(data, { seq: 8, part: 1, last: true })
      t.equal((data['calls'] as unknown[]).length, 8)
      await client.close()
    }
    const fits = await fromCursor(suite, `${epoch}:3`)
    t.strictSame(
      (await fits.nextEvents(5)).map(({ seq }) => seq),
      [4, 5, 6, 7, 8],
    )
    t.match(await fits.next(), { event: 'resumed', data: { from: 3, to: 8, count: 5 } })
  },
)

t.test('a journal that does not reach back far enough is said to be too short', async (t) => {
  const suite = await build(t, { environment: { WS_RING_EVENTS: '3' } })
  const { app } = suite
  const { read } = app.journal
  app.journal.read = async (...args) => (await read(...args)).filter(({ seq }) => seq > 4)
  await publish(app, many(10))
  const client = await fromCursor(suite, `${app.journal.epoch}:2`)
  t.match(await client.next(), { event: 'resync', data: { reason: 'too_old', oldest: 5 } })
  t.match(await client.next(), { event: 'snapshot', data: { seq: 10, last: true } })
  const { data } = await client.ask('history', { after: 0 })
  t.match(data, { events: [], next: 4 }, 'what is gone is passed over')
})

t.test('a replay is the same from memory and from the journal', async (t) => {
  const texts: string[][] = []
  for (const environment of [{}, { WS_RING_EVENTS: '3' }]) {
    const suite = await build(t, { environment })
    const watcher = await supervisor(suite)
    const types = ['call.initiated', 'call.answered', 'call.hangup'] as const
    for (const type of types)
      await publish(
        suite.app,
        many(30).map((one) => ({ ...one, type })),
      )
    await watcher.nextEvents(90)
    const client = await fromCursor(suite, `${suite.app.journal.epoch}:0`)
    const frames = await client.nextEvents(90)
    texts.push(
      frames.map(
        ({ event, seq, prev, replay, call }) => `${event} ${seq} ${prev} ${replay} ${call}`,
      ),
    )
    t.match(await client.next(), { event: 'resumed', data: { from: 0, to: 90, count: 90 } })
  }
  t.strictSame(texts[0], texts[1])
})

t.test('an old call does not ring when it is replayed', async (t) => {
  const suite = await build(t)
  const soon = new Date().toISOString()
  await publish(suite.app, [
    { callId: 'old' },
    { callId: 'old', type: 'call.answered' },
    { callId: 'new', time: soon },
  ])
  const client = await fromCursor(suite, `${suite.app.journal.epoch}:0`)
  const stale = (await client.nextEvents(3)).map((frame) => 'stale' in frame)
  t.strictSame(stale, [true, false, false])
})

t.test('ten drops during 2,000 events lose nothing and repeat nothing', async (t) => {
  const suite = await build(t)
  const { app } = suite
  const total = 2_000
  let client = await fromCursor(suite, `${app.journal.epoch}:0`)
  const publishing = (async () => {
    for (let sent = 0; sent < total; sent += 20) await publish(app, many(20))
  })()
  const seen: number[] = []
  while (seen.length < total) {
    const [frame] = await client.nextEvents(1)
    t.equal(frame!.prev, seen.at(-1) ?? 0)
    seen.push(frame!.seq!)
    if (seen.length % 190 !== 0) continue
    client.socket.terminate()
    client = await fromCursor(suite, `${app.journal.epoch}:${seen.length}`)
  }
  await publishing
  t.strictSame(
    seen,
    Array.from({ length: total }, (_, index) => index + 1),
  )
})

t.test('hundreds that come back at once cost the store next to nothing', async (t) => {
  const suite = await build(t, { environment: { MAX_SOCKETS_PER_USER: '1000' } })
  const { app, url, token } = suite
  const watcher = await supervisor(suite)
  await publish(app, many(50))
  await watcher.nextEvents(50)
  const asked = countReads(suite)
  const { epoch } = app.journal
  const back = async (n: number): Promise<void> => {
    const cursor = `${n % 2 === 0 ? epoch : 'other'}:${n % 50}`
    const client = await connect(url, { token, modern: true, path: '/ws', cursor })
    await client.nextNamed(n % 2 === 0 ? 'resumed' : 'snapshot')
    await client.nextNamed('head')
  }
  const begun = performance.now()
  for (let batch = 0; batch < 500; batch += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, n) => back(batch + n)))
  }
  t.equal(asked.read, 0)
  const seconds = Math.ceil((performance.now() - begun) / 1_000)
  t.ok(asked.liveCalls <= 1 + seconds, `${asked.liveCalls} snapshots: one a second at most`)
})

t.test('readers beyond memory share their reading', async (t) => {
  const suite = await build(t, {
    environment: { MAX_SOCKETS_PER_USER: '1000', WS_RING_EVENTS: '3' },
  })
  await publish(suite.app, many(600))
  const watcher = await supervisor(suite)
  await watcher.nextNamed('head')
  const asked = { read: 0 }
  let running = 0
  let most = 0
  const { read } = suite.app.journal
  const goOn = Promise.withResolvers<void>()
  suite.app.journal.read = async (...args) => {
    asked.read += 1
    most = Math.max(most, (running += 1))
    await goOn.promise
    return read(...args).finally(() => (running -= 1))
  }
  const clients = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      fromCursor(suite, `${suite.app.journal.epoch}:${n % 10}`),
    ),
  )
  goOn.resolve()
  for (const client of clients) await client.nextNamed('resumed')
  t.ok(most <= 4, `${most} at once`)
  t.ok(asked.read < 100, `${asked.read} reads`)
})

t.test('an agent pages through history to its end', async (t) => {
  const suite = await build(t, { environment: { WS_RING_EVENTS: '20' } })
  await mapUsers(suite, ['u1', 'u2'])
  const jo = await agent(suite.url, 'u1')
  const calls = Array.from({ length: 60 }, (_, n) => ({
    callId: `c${n}`,
    ...of(`p-u${1 + (n % 2)}`),
  }))
  await publish(suite.app, [...calls, { callId: 'end', ...of('p-u1') }])
  await callsUntil(jo, 'end')
  const seen: number[] = []
  for (let after: number | null = 0; after !== null;) {
    const { data } = await jo.ask('history', { after, limit: 3 })
    const page = data['events'] as { seq: number; call: string; data: { agent: { id: string } } }[]
    t.ok(page.every((event) => event.data.agent.id === 'p-u1'))
    seen.push(...page.map(({ seq }) => seq))
    t.ok(data['next'] === null || Number(data['next']) > after, 'it goes on')
    after = data['next'] as number | null
  }
  t.strictSame(
    seen,
    [...new Set(seen)].sort((one, two) => one - two),
  )
  t.equal(seen.at(-1), 61)
})

t.test('history shows one call, in pages, with the number to go on with', async (t) => {
  const suite = await build(t)
  const boss = await supervisor(suite)
  await publish(suite.app, [...many(4), ...many(4)])
  await boss.nextEvents(8)
  const first = await boss.ask('history', { after: 0, call: 'c2', limit: 1 })
  t.match(first.data, { events: [{ seq: 3, call: 'c2', replay: true }] })
  const next = await boss.ask('history', { after: first.data['next'], call: 'c2' })
  t.match(next.data, { events: [{ seq: 7, call: 'c2' }], next: null })
  const none = await supervisor(suite, '/ws?sub=none')
  t.match(await none.ask('history', { after: 0 }), { event: 'error', data: { code: 'bad_frame' } })
  t.match(await boss.ask('history', { after: 0, limit: 501 }), { data: { code: 'bad_frame' } })
})

t.test(
  'a hub that stops advancing is unready, one that is always a little behind is not',
  async (t) => {
    const suite = await build(t)
    const { app, url } = suite
    const client = await supervisor(suite)
    await client.nextNamed('head')
    const { heads, read } = app.journal
    const readiness = async () => (await fetch(`${url}/readyz`)).status
    t.equal(await readiness(), 200)
    let sweeps = 0
    // Each time somebody looks, one more event has just been committed.
    app.journal.heads = async (apps) => {
      sweeps += 1
      await commit(app, [{ callId: `c${sweeps}` }])
      return heads(apps)
    }
    await until(() => sweeps >= 5)
    t.equal(await readiness(), 200)
    const goOn = Promise.withResolvers<void>()
    app.journal.read = async (...args) => {
      await goOn.promise
      return read(...args)
    }
    await until(async () => (await readiness()) === 503)
    goOn.resolve()
    app.journal.heads = heads
    await until(async () => (await readiness()) === 200)
  },
)
