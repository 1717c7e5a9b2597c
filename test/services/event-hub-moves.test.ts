import t from 'tap'
import { build } from '../kit/build.ts'
import {
  agent,
  callsUntil,
  large,
  mapUsers,
  of,
  publish,
  supervisor,
} from '../contracts/hub-events.ts'

/** No address of the calls is anybody's. */
const users = ['u1', 'u2', 'u3']

t.test('a call that is passed on leaves one agent and comes whole to the other', async (t) => {
  const suite = await build(t)
  const { app, url } = suite
  await mapUsers(suite, users)
  const [old, heir] = [await agent(url, 'u1'), await agent(url, 'u2')]
  const [third, boss] = [await agent(url, 'u3'), await supervisor(suite)]
  await publish(app, [{ callId: 'c1', ...of('p-u1') }])
  await publish(app, [{ callId: 'c1', type: 'call.answered' }])
  await publish(app, [{ callId: 'c1', type: 'call.transferred', ...of('p-u2') }])
  await publish(app, [{ callId: 'c1', type: 'call.hangup' }])
  await publish(
    app,
    users.map((sub) => ({ callId: `end-${sub}`, ...of(`p-${sub}`) })),
  )
  t.strictSame(
    (await old.nextEvents(2)).map(({ event }) => event),
    ['call-initiated', 'call-answered'],
  )
  t.match(await old.nextNamed('call-removed'), { data: { call: 'c1' } })
  t.match((await old.nextEvents(1))[0], { call: 'end-u1' }, 'nothing of the call leaks')
  t.match(await heir.nextNamed('resync'), { data: { reason: 'view_changed' } })
  const { data } = await heir.nextNamed('snapshot')
  t.match(data, { last: true })
  const after = await callsUntil(heir, 'end-u2')
  const seen = (data['calls'] as { id: string; phase: string }[]).map(({ phase }) => phase)
  // The hang-up came while the snapshot was taken, or after it.
  t.strictSame([seen, after], Number(data['seq']) >= 4 ? [[], []] : [['answered'], ['c1']])
  t.match((await third.nextEvents(1))[0], { call: 'end-u3', prev: 0 })
  await callsUntil(boss, 'end-u3')
  for (const client of [third, boss]) {
    const words = client.frames.map(({ event }) => event)
    t.notOk(words.some((word) => /resync|snapshot|call-removed/.test(word)))
  }
})

t.test('who was away while a call changed hands is told when it comes back', async (t) => {
  const suite = await build(t)
  const { app, url } = suite
  await mapUsers(suite, users)
  const first = await agent(url, 'u1')
  const other = await agent(url, 'u3')
  await publish(app, [
    { callId: 'c1', ...of('p-u1') },
    { callId: 'c3', ...of('p-u3') },
  ])
  await other.nextEvents(1)
  await first.nextEvents(1)
  const cursor = `${app.journal.epoch}:2`
  await first.close()
  await publish(app, [{ callId: 'c1', type: 'call.transferred', ...of('p-u2') }])
  await publish(app, [
    { callId: 'c1', type: 'call.hangup' },
    { callId: 'end', ...of('p-u3') },
  ])
  await callsUntil(other, 'end')
  for (const [sub, calls] of [
    ['u1', []],
    ['u2', []],
  ] as const) {
    const back = await agent(url, sub, { path: `/ws?cursor=${cursor}` })
    t.match(await back.next(), { event: 'resync', data: { reason: 'view_changed' } }, sub)
    t.strictSame((await back.next()).data['calls'], calls)
    t.notOk(back.frames.some(({ seq }) => seq !== undefined))
  }
  const same = await agent(url, 'u3', { path: `/ws?cursor=${cursor}` })
  t.match((await same.nextEvents(1))[0], { call: 'end' }, 'it does not concern the third')
})

t.test('who watches one call alone learns that it came or went', async (t) => {
  const suite = await build(t)
  const { app, url } = suite
  await mapUsers(suite, users)
  await publish(app, [{ callId: 'c1', ...of('p-u1') }])
  const path = '/ws?sub=call:c1'
  const old = await agent(url, 'u1', { path })
  const heir = await agent(url, 'u2', { path })
  await publish(app, [{ callId: 'c1', type: 'call.transferred', ...of('p-u2') }])
  t.match(await old.nextNamed('call-removed'), { data: { call: 'c1' } })
  t.match(await heir.nextNamed('resync'), { data: { reason: 'view_changed' } })
  t.match(await heir.nextNamed('snapshot'), { data: { calls: [{ id: 'c1' }] } })
})

t.test('a call that goes from one queue to another leaves the view of the first', async (t) => {
  const suite = await build(t)
  const { app } = suite
  const sales = await supervisor(suite, '/ws?sub=queue:sales')
  const support = await supervisor(suite, '/ws?sub=queue:support')
  await publish(app, [{ callId: 'c1', type: 'call.queued', details: { queue: 'sales' } }])
  await publish(app, [{ callId: 'c1', type: 'call.queued', details: { queue: 'support' } }])
  t.match((await sales.nextEvents(1))[0], { call: 'c1' })
  t.match(await sales.nextNamed('call-removed'), { data: { call: 'c1' } })
  t.match(await support.nextNamed('snapshot'), { data: { calls: [{ id: 'c1' }] } })
})

t.test(
  'a hub that starts in the middle of a call knows whose it is, and in which queue',
  async (t) => {
    const suite = await build(t)
    const { app, url } = suite
    await mapUsers(suite, users)
    await publish(app, [
      { callId: 'c1', type: 'call.queued', details: { queue: 'sales' }, ...of('p-u1') },
      { callId: 'c1', type: 'call.dequeued' },
    ])
    const owner = await agent(url, 'u1')
    const sales = await supervisor(suite, '/ws?sub=queue:sales')
    owner.say({ type: 'snapshot' })
    t.match(await owner.nextNamed('snapshot'), { data: { calls: [{ id: 'c1' }] } })
    sales.say({ type: 'snapshot' })
    t.match(await sales.nextNamed('snapshot'), { data: { calls: [{ id: 'c1' }] } })
    await publish(app, [{ callId: 'c1', type: 'call.answered' }])
    t.match((await owner.nextEvents(1))[0], { event: 'call-answered' })
    t.match((await sales.nextEvents(1))[0], { event: 'call-answered' })
  },
)

t.test('a call that changes hands during a long replay is not missed', async (t) => {
  const suite = await build(t, { environment: { WS_SLOW_BYTES: '65536' } })
  const { app, url } = suite
  await mapUsers(suite, users)
  const other = await agent(url, 'u3')
  const rows = await publish(app, [{ callId: 'c1', ...of('p-u1') }])
  for (let count = 0; count < 30; count += 1) {
    const one = large({ type: 'dtmf.received', callId: 'c1' })
    await publish(
      app,
      Array.from({ length: 10 }, () => one),
    )
  }
  await publish(app, [{ callId: 'between', ...of('p-u3') }])
  await callsUntil(other, 'between')
  const away = await agent(url, 'u1', { path: '/ws?sub=none' })
  await away.ask('subscribe', { channels: ['agent:me'], snapshot: 'always' })
  await away.nextNamed('snapshot')
  await away.ask('ping')
  away.say({ type: 'resume', data: { cursor: `${app.journal.epoch}:${rows[0]!.seq}` } })
  await away.nextEvents(1)
  away.socket.pause()
  await publish(app, [{ callId: 'c1', type: 'call.transferred', ...of('p-u2') }])
  await publish(app, [
    { callId: 'c1', type: 'call.hangup' },
    { callId: 'end', ...of('p-u3') },
  ])
  await callsUntil(other, 'end')
  away.socket.resume()
  const words: string[] = []
  while (!words.some((word) => word === 'call-removed' || word === 'resync')) {
    words.push((await away.next()).event)
  }
  t.notOk(words.includes('resumed'))
  t.notOk(away.frames.some(({ event }) => event === 'call-hangup'))
})
