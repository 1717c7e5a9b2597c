import t from 'tap'
import { build } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { seeded } from '../kit/random.ts'
import { until } from '../kit/until.ts'
import { publish, supervisor } from '../contracts/hub-events.ts'

t.test('each answer repeats the id of its request', async (t) => {
  const suite = await build(t)
  await publish(suite.app, [{ callId: 'c1' }])
  const client = await supervisor(suite)
  for (const [type, data, answer] of [
    ['ping', { t: 5 }, 'pong'],
    ['ping', { t: 'five' }, 'pong'],
    ['subscribe', { channels: ['voicemail'] }, 'subscribed'],
    ['unsubscribe', { channels: ['voicemail'] }, 'unsubscribed'],
    ['history', { after: 0 }, 'history'],
    ['presence', { state: 'available' }, 'ack'],
    ['presence', { get: ['agent:u1'] }, 'presence'],
    ['claim', { call: 'c1', action: 'screen-pop' }, 'claimed'],
    ['release', { call: 'c1', action: 'screen-pop' }, 'ack'],
    ['resume', { cursor: 'x' }, 'error'],
    ['dance', {}, 'error'],
    ['subscribe', { channels: 'calls' }, 'error'],
    ['history', { after: -1 }, 'error'],
    ['auth', { token: 'x' }, 'error'],
  ] as const) {
    t.equal((await client.ask(type, data)).event, answer, `${type} ${JSON.stringify(data)}`)
  }
  t.equal((await client.ask('ping', { t: 1.5 })).data['t'], 1.5)
})

t.test('a claim is granted to one of many, and can be given back', async (t) => {
  const suite = await build(t)
  const clients = await Promise.all(Array.from({ length: 5 }, () => supervisor(suite)))
  const request = { call: 'c1', action: 'screen-pop' }
  const answers = await Promise.all(clients.map((client) => client.ask('claim', request)))
  const granted = answers.findIndex(({ data }) => data['granted'] === true)
  t.equal(answers.filter(({ data }) => data['granted']).length, 1)
  const winner = String(clients[granted]!.frames[0]!.data['clientId'])
  t.ok(answers.every(({ data }) => data['granted'] || String(data['by']).endsWith(winner)))
  await clients[granted]!.ask('release', request)
  t.match(await clients[(granted + 1) % 5]!.ask('claim', request), { data: { granted: true } })
})

t.test('what a client confirms beyond the last event is a mistake', async (t) => {
  const suite = await build(t)
  const client = await supervisor(suite)
  client.say({ type: 'ack', id: 'beyond', data: { seq: 1 } })
  t.match(await client.nextNamed('error'), { id: 'beyond', data: { code: 'bad_frame' } })
  client.say({ type: 'ack', data: { seq: 0 } })
  t.match(await client.ask('ping'), { event: 'pong' })
})

t.test('names that every object has, and ids of any size, are but text', async (t) => {
  const suite = await build(t)
  const client = await supervisor(suite)
  for (const type of ['__proto__', 'constructor', 'toString', 'x'.repeat(10_000)]) {
    t.match(await client.ask(type), { event: 'error', data: { code: 'unknown_type' } })
  }
  client.say('{"type":"ping","id":"next","data":{"__proto__":{"t":1},"constructor":1}}')
  t.match(await client.nextNamed('pong'), { id: 'next' })
  client.say({ type: 'ping', id: 'x'.repeat(65) })
  t.match(await client.nextNamed('error'), { data: { code: 'bad_frame' } })
  client.say(`${'['.repeat(8_000)}${']'.repeat(8_000)}`)
  t.match(await client.nextNamed('error'), { data: { code: 'bad_frame' } })
})

t.test('a thousand channels at once are answered one by one', async (t) => {
  const suite = await build(t)
  const client = await supervisor(suite)
  const channels = Array.from({ length: 1_000 }, (_, n) => `x${n}`)
  const { data } = await client.ask('subscribe', { channels })
  t.equal((data['denied'] as object[]).length, 1_000)
  t.match(await client.ask('subscribe', { channels: [...channels, 'y'] }), {
    data: { code: 'bad_frame' },
  })
})

t.test('requests in one breath are done one after the other', async (t) => {
  const suite = await build(t)
  const client = await supervisor(suite, '/ws?sub=none')
  const names = ['calls', 'voicemail', 'ops']
  for (const name of names) client.say({ type: 'subscribe', id: name, data: { channels: [name] } })
  client.say({ type: 'unsubscribe', id: 'last', data: { channels: ['ops'] } })
  const answers: unknown[] = []
  while (answers.length < 4) {
    const { id, event } = (await client.next()) as { id?: string; event: string }
    if (id !== undefined) answers.push([id, event])
  }
  t.strictSame(answers, [...names.map((name) => [name, 'subscribed']), ['last', 'unsubscribed']])
})

t.test('what hostile clients leave behind is nothing', async (t) => {
  const suite = await build(t, {
    environment: { MAX_SOCKETS_PER_USER: '40', WS_RING_EVENTS: '5', WS_MESSAGE_BURST: '200' },
  })
  const { app, url, token } = suite
  const { epoch } = app.journal
  const random = seeded(7)
  let running = true
  const publishing = (async () => {
    while (running) await publish(app, [{ callId: `c${Math.floor(random() * 50)}` }])
  })()
  const one = () => {
    const cursor = `${epoch}:${Math.floor(random() * 50)}`
    const channels = Array.from({ length: 3 }, () => `call:c${Math.floor(random() * 50)}`)
    const says = [
      { type: 'subscribe', data: { channels } },
      { type: 'subscribe', data: { channels: ['calls'], cursor } },
      { type: 'unsubscribe', data: { channels: ['calls', ...channels] } },
      { type: 'resume', data: { cursor } },
      { type: 'snapshot' },
      { type: 'auth', data: { token } },
      { type: 'history', data: { after: 0, limit: 500 } },
    ]
    return says[Math.floor(random() * says.length)]!
  }
  const attack = async (): Promise<void> => {
    for (let round = 0; round < 5; round += 1) {
      const cursor = random() < 0.5 ? {} : { cursor: `${epoch}:${Math.floor(random() * 50)}` }
      const client = await connect(url, { token, modern: true, ...cursor })
      for (let count = 0; count < 20; count += 1) client.say(one())
      if (random() < 0.5) await client.nextNamed('connected')
      if (random() < 0.5) client.socket.terminate()
      else await client.close()
    }
  }
  await Promise.all(Array.from({ length: 30 }, attack))
  running = false
  await publishing
  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text()
    return Number(new RegExp(`^switchhook_hub_${name} (.*)$`, 'm').exec(text)?.[1])
  }
  // No feed is kept for nobody.
  for (const name of ['sockets', 'queue_bytes', 'lag_events']) {
    await until(async () => (await metric(name)) === 0)
  }
  const metrics = await (await fetch(`${url}/metrics`)).text()
  t.notMatch(metrics, /closes_total\{close_code="1011"\}/)
  // All places were given back.
  const fresh = await Promise.all(
    Array.from({ length: 40 }, () => connect(url, { token, modern: true })),
  )
  for (const client of fresh) await client.nextNamed('head')
})
