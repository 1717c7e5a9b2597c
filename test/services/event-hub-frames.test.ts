import t, { type Test } from 'tap'
import { Value } from 'typebox/value'
import { eventName, eventTypes } from '@switchhook/shared/events'
import { clientMessages, controlFrames } from '@switchhook/shared/messages'
import { defaultSettings, providers, type Provider } from '@switchhook/shared/providers'
import { clientExamples } from '../../services/event-hub/asyncapi/examples.ts'
import { asyncapi } from '../../services/event-hub/asyncapi/index.ts'
import { Options } from '../../services/event-hub/config.ts'
import { drain } from '../../services/event-hub/session/drain.ts'
import { build, jwtSecret, type Suite } from '../kit/build.ts'
import { connect, type Client, type Frame } from '../kit/client.ts'
import { openStream } from '../kit/event-stream.ts'
import { send } from '../kit/sender.ts'
import { mistakeIn } from '../kit/strict-frames.ts'
import { signToken } from '../kit/token.ts'
import { agent, large, mapUsers, of, publish, supervisor } from '../contracts/hub-events.ts'
import type { Client as Drained } from '../../services/event-hub/session/door.ts'

/** Frames that came in any test, by name. */
const seen = new Map<string, number>()

/** Checks every frame that came so far. */
function judge(t: Test, clients: readonly Pick<Client, 'frames'>[]): void {
  for (const frame of clients.flatMap(({ frames }) => frames)) {
    seen.set(frame.event, (seen.get(frame.event) ?? 0) + 1)
    const mistake = mistakeIn(frame)
    if (mistake !== null) t.fail(mistake, { frame })
  }
  t.ok(clients.every(({ frames }) => frames.length > 0))
}

t.test('what a client asks for is answered as it is written', async (t) => {
  const suite = await build(t)
  const client = await supervisor(suite, '/ws?sub=calls&sub=presence')
  await client.nextNamed('head')
  await publish(suite.app, [{ callId: 'c1' }, { callId: 'c1', type: 'call.answered' }])
  await client.nextEvents(2)
  const { data } = await client.nextNamed('head')
  t.equal(data['seq'], 2)
  const epoch = String(client.frames[0]!.data['head']).split(':')[0]
  t.match(await client.ask('ping', { t: 7 }), { event: 'pong', data: { t: 7 } })
  t.match(await client.ask('auth', { token: await signToken(jwtSecret) }), { event: 'auth' })
  t.match(await client.ask('subscribe', { channels: ['agent:me', 'x'] }), { event: 'subscribed' })
  await client.nextNamed('snapshot')
  t.match(await client.ask('unsubscribe', { channels: ['agent:me'] }), { event: 'unsubscribed' })
  client.say({ type: 'resume', data: { cursor: `${epoch}:0` } })
  await client.nextNamed('resumed')
  client.say({ type: 'resume', data: { cursor: 'another:0' } })
  await client.nextNamed('resync')
  await client.nextNamed('snapshot')
  t.match(await client.ask('presence', { state: 'busy', note: 'x' }), { event: 'ack' })
  t.match(await client.ask('presence', { get: ['u1'] }), { event: 'presence' })
  const claim = { call: 'c1', action: 'screen-pop' }
  t.match(await client.ask('claim', claim), { event: 'claimed', data: { granted: true } })
  const other = await supervisor(suite)
  t.match(await other.ask('claim', claim), { event: 'claimed', data: { granted: false } })
  t.match(await client.ask('release', claim), { event: 'ack' })
  t.match(await client.ask('history', { after: 0 }), { event: 'history', data: { next: null } })
  t.match(await client.ask('hello'), { event: 'error', data: { code: 'unknown_type' } })
  judge(t, [client, other])
})

t.test('every message that the document shows is taken', async (t) => {
  const suite = await build(t)
  t.strictSame(Object.keys(clientExamples), Object.keys(clientMessages))
  for (const example of Object.values(clientExamples).flat()) {
    const client = await supervisor(suite)
    const message = JSON.parse(JSON.stringify(example)) as { type: string; data: object }
    if (message.type === 'auth') message.data = { token: suite.token }
    if (message.type === 'ack') message.data = { seq: 0 }
    client.say({ ...message, id: 'shown' })
    await client.ask('ping')
    t.notOk(
      client.frames.find(({ event }) => event === 'error'),
      JSON.stringify(example),
    )
    judge(t, [client])
    await client.close()
  }
})

t.test('a snapshot has live calls with legs, and agents', async (t) => {
  const suite = await build(t)
  await mapUsers(suite, ['u1'])
  const first = await supervisor(suite)
  await publish(suite.app, [
    { callId: 'c1', legId: 'l1', ...of('p-u1') },
    { callId: 'c1', legId: 'l1', type: 'call.answered' },
    { callId: 'c1', legId: 'l1', type: 'call.held' },
    { callId: 'c2', direction: null, from: null, to: null },
  ])
  await first.nextEvents(4)
  const client = await supervisor(suite, '/ws/call?sub=calls&sub=presence')
  const { data } = await client.nextNamed('snapshot')
  t.match(data, { calls: [{}, {}], agents: [{ agent: 'u1' }] })
  judge(t, [first, client])
})

t.test('what the hub tells by itself is told as it is written', async (t) => {
  const suite = await build(t)
  await mapUsers(suite, ['u1', 'u2'])
  const jo = await agent(suite.url, 'u1')
  await publish(suite.app, [{ callId: 'c1', ...of('p-u1') }])
  await jo.nextEvents(1)
  await publish(suite.app, [{ callId: 'c1', ...of('p-u2'), type: 'call.transferred' }])
  await jo.nextNamed('call-removed')
  const token = await signToken(jwtSecret, {}, { expires: '8s' })
  const query = await connect(suite.url, { path: `/ws?token=${token}`, modern: true })
  await query.nextNamed('notice')
  await query.nextNamed('auth-expiring')
  judge(t, [jo, query])
})

t.test('a client that reads slowly is told what was left out', async (t) => {
  const suite = await build(t)
  const slow = await supervisor(suite)
  await slow.nextNamed('head')
  slow.socket.pause()
  const events = Array.from({ length: 10 }, () => large())
  for (let round = 0; round < 20; round += 1) await publish(suite.app, events)
  slow.socket.resume()
  await slow.nextNamed('gap')
  await slow.nextNamed('snapshot')
  judge(t, [slow])
})

t.test('a stream tells the same frames, and only those the document gives it', async (t) => {
  const { app, url, token } = await build(t)
  const query = '?sub=calls&sub=presence&snapshot=always'
  const stream = await openStream(url, { token, query })
  await stream.nextNamed('snapshot')
  await publish(app, [{ callId: 'c1' }, { callId: 'c1', type: 'call.hangup' }])
  await stream.nextEvents(2)
  const back = await openStream(url, { token, query, lastId: stream.lastId!.replace(/2$/, '0') })
  await back.nextNamed('resumed')
  const other = await openStream(url, { token, query, lastId: 'another:7' })
  await other.nextNamed('resync')
  const closed = app.close()
  await stream.nextNamed('drain')
  const blocks = [stream, back, other].flatMap((one) => one.blocks)
  const frames = blocks.map(({ data }) => JSON.parse(data) as Frame)
  const { channels } = asyncapi({ publicUrl: url, limits: Value.Create(Options) })
  const { messages } = (channels as unknown as Record<string, { messages: object }>)['events']!
  for (const { event, seq } of frames) t.ok(seq !== undefined || event in messages, event)
  judge(t, [{ frames }])
  for (const one of [stream, back, other]) one.close()
  await closed
})

t.test('clients that have somewhere to go are told to move', async (t) => {
  const frames: Frame[] = []
  const client = {
    modern: true,
    connection: { whenClosed: async () => {}, close: () => {} },
    send: (event: string, data: Frame['data']) => void frames.push({ event, data }),
  } as unknown as Drained
  const limits = { drainSlotSeconds: 5, drainSeconds: 15 } as Parameters<typeof drain>[1]['limits']
  await drain(new Set([client]), { limits, replicated: true })
  t.equal(frames[0]?.event, 'drain')
  judge(t, [{ frames }])
})

for (const provider of providers) {
  t.test(`events of ${provider.name} are as they are written`, async (t) => {
    const { credential, signingKey } = provider.simulator.newKeys()
    const suite = await build(t, { environment: { [provider.credentialName]: credential } })
    const client = await supervisor(suite)
    const count = await playCall(suite, provider, signingKey)
    const events = await client.nextEvents(count)
    t.match(new Set(eventTypes.map(eventName)), new Set(events.map(({ event }) => event)))
    const past = await client.ask('history', { after: 0 })
    t.equal((past.data['events'] as unknown[]).length, count)
    const live = await connect(suite.url, { token: suite.token, modern: true, path: '/ws/call' })
    await live.nextNamed('snapshot')
    judge(t, [client, live])
  })
}

/** @returns how many events that makes */
async function playCall(
  { app, url }: Suite,
  provider: Provider,
  signingKey: string,
): Promise<number> {
  const path = `/webhooks/${provider.name}`
  const startMs = Date.now() - 60_000
  for (const { content } of provider.simulator.sampleCall({
    random: Math.random,
    startMs,
    full: true,
  })) {
    const delivery = provider.simulator.sign(content, {
      signingKey,
      nowSeconds: Math.floor(Date.now() / 1_000),
      url: `http://127.0.0.1:3000${path}`,
      settings: defaultSettings(provider),
    })
    const target = new URL(new URL(delivery.url).pathname + new URL(delivery.url).search, url)
    const { status } = await send(target, delivery)
    if (status !== 200) throw new Error(`${provider.name} was answered ${status}`)
  }
  const heads = await app.journal.heads([app.directory.firstApp.id])
  return heads.get(app.directory.firstApp.id)!
}

t.test('every frame that is written was seen', async (t) => {
  const missing = Object.keys(controlFrames).filter((name) => !seen.has(name))
  t.strictSame(missing, [])
})
