import t from 'tap'
import { agent, mapUsers, of, publish, supervisor } from '../contracts/hub-events.ts'
import { presenceParts } from '../../services/event-hub/feed/parts.ts'
import { Silence } from '../../services/event-hub/silence.ts'
import { build } from '../kit/build.ts'
import { until } from '../kit/until.ts'
import type { LiveEvent } from '../../services/event-hub/feed/index.ts'

t.test('what the provider says of an agent shows in presence', async (t) => {
  const suite = await build(t)
  await mapUsers(suite, ['u1'])
  const client = await agent(suite.url, 'u1')
  await client.nextNamed('head')
  const change = {
    type: 'agent.status.changed' as const,
    callId: null,
    providerIds: {},
    details: { status: 'off duty', availability: null, reason: null },
  }
  await publish(suite.app, [{ ...change, ...of('p-u1') }])
  await until(async () => {
    const { data } = await client.ask('presence', { get: ['agent:u1'] })
    const entries = data['set'] as Record<string, { provider: string; missing: string[] }>
    return entries['u1']?.provider === 'off duty' && entries['u1'].missing.includes('provider')
  })
  await client.close()
})

t.test('a claim ends with its call', async (t) => {
  const suite = await build(t)
  const [one, two] = [await supervisor(suite), await supervisor(suite)]
  await publish(suite.app, [{ callId: 'c7' }])
  const claim = { call: 'c7', action: 'screen-pop' }
  t.match(await one.ask('claim', claim), { event: 'claimed', data: { granted: true } })
  t.match(await two.ask('claim', claim), { event: 'claimed', data: { granted: false, by: /\// } })
  await publish(suite.app, [{ callId: 'c7', type: 'call.hangup' }])
  await until(async () => (await two.ask('claim', claim)).data['granted'] === true)
  await Promise.all([one.close(), two.close()])
})

t.test('metrics tell of sockets, events, writes, joins, closes and what waits', async (t) => {
  const suite = await build(t)
  const client = await supervisor(suite)
  await client.nextNamed('head')
  await publish(suite.app, [{}, {}])
  await client.nextEvents(2)
  const text = await suite.app.metrics.metrics()
  const value = (name: string): number =>
    Number(new RegExp(`^switchhook_hub_${name}(?:{[^}]*})? (.*)$`, 'm').exec(text)?.[1])
  t.equal(value('sockets'), 1)
  t.equal(value('events_total'), 2)
  t.ok(value('writes_total') >= 1)
  t.equal(value('joins_total'), 1)
  t.equal(value('queue_bytes'), 0)
  t.equal(value('lag_events'), 0)
  t.match(text, /switchhook_hub_event_age_seconds_bucket/)
  await client.close()
  await until(async () =>
    /closes_total\{[^}]*close_code="1000"[^}]*\} 1/.test(await suite.app.metrics.metrics()),
  )
})

const minute = 60_000
const from = (provider: string): LiveEvent =>
  ({ app: 'a', type: 'call.initiated', channels: [], data: { call: { provider } } }) as never

t.test('a provider that falls silent is told once, by how often it is heard otherwise', (t) => {
  const silence = new Silence()
  let now = 0
  for (let count = 0; count < 30; count += 1) silence.learn(from('telnyx'), (now += minute))
  silence.learn(from('vapi'), now)
  t.strictSame(silence.sweep(now + 19 * minute), [])
  t.strictSame(silence.sweep(now + 21 * minute), [
    { app: 'a', text: 'telnyx has told nothing for 21 minutes.' },
  ])
  t.strictSame(
    silence.sweep(now + 60 * minute),
    [],
    'not again, and not of one that is hardly known',
  )
  silence.learn(from('telnyx'), (now += 61 * minute))
  t.strictSame(silence.sweep(now + 21 * minute).length, 1, 'again after it was heard')
  t.end()
})

t.test('an agent claims what it sees, and nothing else', async (t) => {
  const suite = await build(t)
  await mapUsers(suite, ['u1', 'u2'])
  const client = await agent(suite.url, 'u1')
  await client.nextNamed('head')
  await publish(suite.app, [
    { callId: 'mine', ...of('p-u1') },
    { callId: 'theirs', ...of('p-u2') },
  ])
  const claim = (call: string) => client.ask('claim', { call, action: 'screen-pop' })
  t.match(await claim('mine'), { event: 'claimed', data: { granted: true } })
  t.match(await claim('theirs'), { event: 'error', data: { code: 'forbidden' } })
  t.match(await claim('nobodys'), { event: 'error', data: { code: 'forbidden' } })
  await client.close()
})

t.test('a change of thousands of agents comes in frames of 64 KiB', (t) => {
  const entry = (agent: string) => ({ agent, name: 'n'.repeat(200) }) as never
  const agents = Array.from({ length: 2_000 }, (_, index) => `agent-${index}`)
  const set = Object.fromEntries(agents.slice(0, 1_500).map((agent) => [agent, entry(agent)]))
  const parts = presenceParts({ set, del: agents.slice(1_500) })
  t.ok(parts.length > 1)
  t.ok(parts.every((part) => JSON.stringify(part).length < 65_536))
  t.equal(Object.keys(Object.assign({}, ...parts.map((part) => part.set))).length, 1_500)
  t.equal(parts.flatMap(({ del }) => del).length, 500)
  t.end()
})
