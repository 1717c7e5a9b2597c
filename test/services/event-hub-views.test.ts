import t from 'tap'
import { build, jwtSecret, temporaryDir } from '../kit/build.ts'
import { storeWithApps } from '../kit/apps.ts'
import { connect, type Client } from '../kit/client.ts'
import { signToken } from '../kit/token.ts'
import { agent, callsUntil, mapUsers, of, publish, supervisor } from '../contracts/hub-events.ts'
import type { NewMapping } from '@switchhook/shared/mappings'

const mapping = (options: Partial<NewMapping>): NewMapping => ({
  kind: 'provider_user',
  provider: options.kind === undefined ? 'telnyx' : null,
  value: '',
  sub: 'u1',
  team: null,
  ...options,
})

/** An address that is nobody's. */
const nobody = { from: '+12025550100', to: '+12025550101' }

t.test(
  'an agent sees the calls of its provider user, its number and its SIP user, no other',
  async (t) => {
    const { app, url, token } = await build(t)
    await app.mappings.put(app.directory.firstApp.id, [
      mapping({ value: 'A7' }),
      mapping({ value: 'jo@example.com' }),
      mapping({ kind: 'phone_number', value: '+12025550199' }),
      mapping({ kind: 'sip_user', value: '1001@pbx.example' }),
      mapping({ kind: 'sip_user', value: '1002' }),
      mapping({ value: 'B8', sub: 'u2' }),
    ])
    const jo = await agent(url, 'u1')
    const boss = await supervisor({ url, token })
    const mail = { id: 'zz', email: 'Jo@Example.com', name: null }
    await publish(app, [
      { ...nobody, callId: 'by-id', ...of('A7') },
      { ...nobody, callId: 'of-another', ...of('B8') },
      { ...nobody, callId: 'by-mail', agent: mail },
      { ...nobody, callId: 'by-number', to: '+12025550199' },
      { ...nobody, callId: 'of-nobody' },
      { ...nobody, callId: 'by-caller', from: '+12025550199' },
      { ...nobody, callId: 'by-sip', to: 'sip:1001@PBX.example;transport=wss' },
      { ...nobody, callId: 'other-pbx', to: 'sip:1001@other.example' },
      { ...nobody, callId: 'any-pbx', to: 'sip:1002@other.example' },
      { ...nobody, callId: 'other-provider', provider: 'dialpad', ...of('A7') },
      // Whom the provider names goes before whose number it is.
      { callId: 'named', from: '+12025550199', to: null, ...of('B8') },
      { ...nobody, callId: 'end', ...of('A7') },
    ])
    const own = ['by-id', 'by-mail', 'by-number', 'by-caller', 'by-sip', 'any-pbx']
    t.strictSame(await callsUntil(jo, 'end'), own)
    t.equal((await callsUntil(boss, 'end')).length, 11)
  },
)

t.test('a later event of a call is its owner’s although it names nobody', async (t) => {
  const suite = await build(t)
  await mapUsers(suite, ['u1'])
  const jo = await agent(suite.url, 'u1')
  await publish(suite.app, [of('p-u1')])
  await publish(suite.app, [{ ...nobody, type: 'call.answered' }])
  t.strictSame(
    (await jo.nextEvents(2)).map(({ event }) => event),
    ['call-initiated', 'call-answered'],
  )
})

t.test('the events of another app are never shown', async (t) => {
  const dataDir = temporaryDir(t)
  const [first, second] = await storeWithApps(t, dataDir, 2)
  const suite = await build(t, { dataDir })
  const { app, url } = suite
  const client = await connect(url, {
    token: await signToken(jwtSecret, { app: second }),
    modern: true,
    path: '/ws?sub=calls&sub=agent:*&sub=call:c1&sub=ops',
  })
  await client.nextNamed('head')
  await publish(app, [{ callId: 'foreign' }, { callId: 'c1' }], first)
  await publish(app, [{ callId: 'end' }], second)
  t.match((await client.nextEvents(1))[0], { call: 'end', seq: 1, prev: 0 })
})

t.test('each channel shows what it says', async (t) => {
  const suite = await build(t)
  const { app } = suite
  await app.mappings.put(app.directory.firstApp.id, [
    mapping({ value: 'A7', team: 'north' }),
    mapping({ value: 'B8', sub: 'u2' }),
  ])
  const watched = {
    calls: ['a', 'b', 'queued', 'message', null],
    'agent:u1': ['a'],
    'agent:me': ['a'],
    'agent:*': ['a', 'b'],
    'team:north': ['a'],
    'queue:sales': ['queued'],
    'call:b': ['b'],
    voicemail: ['message'],
    ops: [null],
  }
  const clients = new Map<string, Client>()
  for (const name of Object.keys(watched)) {
    clients.set(name, await supervisor(suite, `/ws?sub=${name}&sub=call:end`))
  }
  await publish(app, [
    { ...nobody, callId: 'a', ...of('A7') },
    { ...nobody, callId: 'b', ...of('B8') },
    { ...nobody, callId: 'queued', type: 'call.queued', details: { queue: 'sales' } },
    { ...nobody, callId: 'message', type: 'voicemail.received' },
    { ...nobody, callId: null, type: 'provider.event' },
    { ...nobody, callId: 'end' },
  ])
  for (const [name, calls] of Object.entries(watched)) {
    // The last one is shown as well where all calls are.
    t.strictSame(await callsUntil(clients.get(name)!, 'end'), calls, name)
  }
})

t.test('an agent is refused what is not its own, and told which and why', async (t) => {
  const { url } = await build(t)
  const jo = await agent(url, 'u1', { teams: ['north'], queues: ['sales'] })
  const allowed = ['agent:me', 'team:north', 'queue:sales', 'presence', 'call:c1', 'voicemail']
  const forbidden = [
    'calls',
    'agent:u2',
    'agent:*',
    'team:south',
    'queue:x',
    'ops',
    'registrations',
  ]
  const unknown = ['nonsense', 'agent:', 'Calls', '__proto__', 'constructor', '']
  const answer = await jo.ask('subscribe', { channels: [...allowed, ...forbidden, ...unknown] })
  t.equal(answer.event, 'subscribed')
  t.strictSame(answer.data['channels'], ['agent:u1', ...allowed.slice(1)])
  t.strictSame(answer.data['denied'], [
    ...forbidden.map((channel) => ({ channel, code: 'forbidden' })),
    ...unknown.map((channel) => ({ channel, code: 'unknown_channel' })),
  ])
})

t.test('an agent asked for a call gets it only if it is its own', async (t) => {
  const suite = await build(t)
  await mapUsers(suite, ['u1', 'u2'])
  const jo = await agent(suite.url, 'u1', { path: '/ws?sub=call:mine&sub=call:other' })
  await publish(suite.app, [
    { callId: 'other', ...of('p-u2') },
    { callId: 'mine', ...of('p-u1') },
  ])
  t.match((await jo.nextEvents(1))[0], { call: 'mine' })
})

t.test('nobody comes in under a name that is a pattern', async (t) => {
  const { url } = await build(t)
  for (const sub of ['*', 'me']) {
    const token = await signToken(jwtSecret, { sub, role: 'agent' })
    const client = await connect(url, { token, modern: true })
    t.strictSame(await client.closed, { code: 1008, reason: 'auth_invalid' })
  }
})

t.test('several channels that match bring one frame', async (t) => {
  const suite = await build(t)
  await mapUsers(suite, ['u1'], 'north')
  const path = '/ws?sub=calls&sub=agent:*&sub=agent:u1&sub=team:north&sub=call:c1'
  const client = await supervisor(suite, path)
  await publish(suite.app, [of('p-u1'), { ...of('p-u1'), type: 'call.answered' }])
  t.strictSame(
    (await client.nextEvents(2)).map(({ seq, prev }) => [seq, prev]),
    [
      [1, 0],
      [2, 1],
    ],
  )
})

t.test('equal views get the very same bytes, however they came to them', async (t) => {
  const suite = await build(t)
  const texts = [new Array<string>(), new Array<string>()]
  const one = await supervisor(suite, '/ws?sub=calls&sub=voicemail')
  const two = await supervisor(suite, '/ws?sub=voicemail')
  t.equal((await two.ask('subscribe', { channels: ['calls'] })).event, 'subscribed')
  await two.nextNamed('head')
  for (const [index, client] of [one, two].entries()) {
    client.socket.on('message', (data: Buffer) => {
      if (data.includes('"seq":') && data.includes('"prev":')) texts[index]!.push(data.toString())
    })
  }
  for (let count = 0; count < 20; count += 1) await publish(suite.app, [{ callId: `c${count}` }])
  await Promise.all([one.nextEvents(20), two.nextEvents(20)])
  t.equal(texts[0]!.length, 20)
  t.strictSame(texts[0], texts[1])
})

t.test('`sub=` decides what comes first, and `sub=none` that nothing does', async (t) => {
  const suite = await build(t)
  const none = await supervisor(suite, '/ws?sub=none')
  const ops = await supervisor(suite, '/ws?sub=ops&sub=nonsense')
  t.match((await ops.next()).data, {
    channels: ['ops'],
    denied: [{ channel: 'nonsense', code: 'unknown_channel' }],
  })
  await publish(suite.app, [{ callId: 'c1' }, { callId: null, type: 'provider.event' }])
  t.match((await ops.nextEvents(1))[0], { event: 'provider-event', prev: 0, seq: 2 })
  t.match(await none.ask('ping'), { event: 'pong' })
  t.notOk(none.frames.some(({ seq }) => seq !== undefined))
  await none.ask('subscribe', { channels: ['calls'] })
  t.match(await none.nextNamed('snapshot'), { data: { seq: 2, calls: [{ id: 'c1' }] } })
})

t.test('what was unsubscribed from is not shown any more, and can come back', async (t) => {
  const suite = await build(t)
  const client = await supervisor(suite, '/ws?sub=calls&sub=ops')
  const answer = await client.ask('unsubscribe', { channels: ['calls', 'call:never'] })
  t.match(answer, { event: 'unsubscribed', data: { head: /:0$/ } })
  await publish(suite.app, [{ callId: 'c1' }, { callId: null, type: 'provider.event' }])
  t.match((await client.nextEvents(1))[0], { event: 'provider-event' })
  await client.ask('subscribe', { channels: ['calls'] })
  t.match(await client.nextNamed('snapshot'), { data: { calls: [{ id: 'c1' }] } })
  await publish(suite.app, [{ callId: 'c2' }])
  t.match((await client.nextEvents(1))[0], { call: 'c2' })
})

t.test('patterns of event names choose among what is shown', async (t) => {
  const suite = await build(t)
  const client = await supervisor(suite, '/ws?sub=none')
  const events = ['call-a*', 'dtmf-received', 'no.such*']
  const wrong = await client.ask('subscribe', { channels: ['calls'], events })
  t.match(wrong, { event: 'error', data: { code: 'bad_frame' } })
  await client.ask('subscribe', { channels: ['calls'], events: events.slice(0, 2) })
  await client.nextNamed('head')
  await publish(suite.app, [
    { type: 'call.initiated' },
    { type: 'call.answered' },
    { type: 'dtmf.received' },
    { type: 'call.hangup' },
    { type: 'dtmf.received' },
  ])
  t.strictSame(
    (await client.nextEvents(3)).map(({ event, seq, prev }) => [event, seq, prev]),
    [
      ['call-answered', 2, 0],
      ['dtmf-received', 3, 2],
      ['dtmf-received', 5, 3],
    ],
  )
})

t.test('a mapping made or taken away while connected changes the view at once', async (t) => {
  const suite = await build(t)
  const { app, url } = suite
  await publish(app, [{ callId: 'c1', ...of('p-u1') }])
  const [jo, boss] = [await agent(url, 'u1'), await supervisor(suite)]
  await mapUsers(suite, ['u1'])
  t.match(await jo.nextNamed('resync'), { data: { reason: 'view_changed' } })
  t.match(await jo.nextNamed('snapshot'), { data: { calls: [{ id: 'c1' }] } })
  await publish(app, [{ callId: 'c1', type: 'call.answered' }])
  t.match((await jo.nextEvents(1))[0], { event: 'call-answered' })
  const { id } = app.directory.firstApp
  const [mapped] = await app.mappings.list(id, { limit: 1 })
  await app.mappings.remove(id, mapped!.id)
  t.match(await jo.nextNamed('resync'), { data: { reason: 'view_changed' } })
  t.match(await jo.nextNamed('snapshot'), { data: { calls: [] } })
  await publish(app, [{ callId: 'c1', type: 'call.hangup' }])
  await boss.nextEvents(2)
  t.notOk(boss.frames.some(({ event }) => event === 'resync' || event === 'snapshot'))
  t.notOk(jo.frames.some(({ event }) => event === 'call-hangup'))
})
