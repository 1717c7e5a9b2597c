import { once } from 'node:events'
import t, { type Test } from 'tap'
import { exchange } from '../kit/raw-websocket.ts'
import { fakeUpstream, scripts } from '../kit/sip/fake-upstream.ts'
import {
  entryOf,
  knock,
  ownOrigin,
  pageSocket,
  sipHandshake,
  sipSuite,
  visit,
  type SipSuite,
} from '../kit/sip/sip-suite.ts'

/** A handshake that is wrong in everything; what is asked first is told. */
const wrong = { Origin: 'https://evil.example', Authorization: 'Bearer nonsense' }

async function codeOf(suite: SipSuite, fields = {}, path = '/api/sip-ws/pbx'): Promise<unknown> {
  const { body } = await knock(suite, fields, path)
  return (JSON.parse(body.toString()) as { code: unknown }).code
}

async function open(t: Test, suite: SipSuite, path?: string) {
  const socket = pageSocket(suite, {}, path)
  t.teardown(() => socket.terminate())
  await once(socket, 'open')
  return socket
}

t.test('what is asked first is told first', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [
    entryOf(fake, { missingOrigin: 'refuse', auth: 'required', maxSockets: 1 }),
  ])
  const bearer = { Authorization: `Bearer ${suite.token}` }
  t.equal(
    await codeOf(suite, { ...wrong, 'Sec-WebSocket-Protocol': 'chat' }),
    'sip_subprotocol_missing',
  )
  t.equal(await codeOf(suite, wrong, '/api/sip-ws/nobody'), 'origin_not_allowed')
  t.equal(
    await codeOf(suite, { Authorization: 'Bearer x' }, '/api/sip-ws/nobody'),
    'upstream_not_found',
  )
  t.equal(await codeOf(suite), 'origin_missing')
  t.equal(await codeOf(suite, { Origin: ownOrigin }), 'auth_missing')
  const socket = await open(t, suite, `/api/sip-ws/pbx?token=${suite.token}`)
  t.equal(await codeOf(suite, { Authorization: 'Bearer nonsense' }), 'auth_invalid')
  t.equal(await codeOf(suite, bearer), 'upstream_full')
  t.equal(fake.connections, 1)
  socket.terminate()
  await fake.deserted()
  await suite.metricIs('switchhook_sip_sockets{upstream="pbx"}', 0)
  t.equal((await knock(suite, bearer)).status, 101, 'a place that is left can be taken')
})

t.test('an upstream that is full refuses, another one does not', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [
    entryOf(fake, { maxSockets: 1 }),
    entryOf(fake, { name: 'other' }),
  ])
  await open(t, suite)
  const answer = await knock(suite)
  t.equal(answer.status, 503)
  t.match(answer.headers.get('retry-after'), /^\d+$/)
  t.match(JSON.parse(answer.body.toString()), { code: 'upstream_full', fix: /maxSockets/ })
  t.match(await visit(suite), { code: 1013, reason: /^upstream_full \d+000$/ })
  t.equal(fake.connections, 1)
  t.equal((await knock(suite, {}, '/api/sip-ws/other')).status, 101)
})

t.test('those who wait for a PBX count', async (t) => {
  const fake = await fakeUpstream(t, scripts.slow)
  const suite = await sipSuite(t, [entryOf(fake, { maxSockets: 1 })])
  const first = pageSocket(suite)
  first.on('error', () => {})
  await fake.handshake()
  t.equal(await codeOf(suite), 'upstream_full')
  t.equal(fake.connections, 1)
  first.terminate()
  await fake.deserted()
  fake.script = scripts.ok
  t.equal((await knock(suite)).status, 101)
})

t.test('a process that is full refuses before anything else is asked', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [entryOf(fake)], { SIP_MAX_SOCKETS: '1' })
  await open(t, suite)
  t.equal(await codeOf(suite, wrong, '/api/sip-ws/nobody'), 'overload')
  t.match(await visit(suite), { code: 1013, reason: /^overload \d+000$/ })
  t.equal(fake.connections, 1)
  t.equal(await suite.metric('switchhook_sip_handshakes_total{outcome="overload"}'), 2)
})

t.test('more than may come in at once are told when to come back', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [entryOf(fake)], {
    SIP_ADMISSION_RATE: '1',
    SIP_ADMISSION_BURST: '1',
  })
  t.equal((await knock(suite)).status, 101)
  let answer = await knock(suite, wrong)
  // Each second lets one in, who is refused for another reason.
  while (answer.status === 403) answer = await knock(suite, wrong)
  t.equal(answer.status, 503)
  t.ok(Number(answer.headers.get('retry-after')) > 0)
  t.match(JSON.parse(answer.body.toString()), { code: 'overload', fix: /Retry after/ })
  t.equal(fake.connections, 1)
})

t.test('an address knocks only so often in a minute', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [entryOf(fake)], { RATE_LIMIT_SIP_SOCKETS: '2' })
  for (const _ of [1, 2]) t.equal((await knock(suite)).status, 101)
  const answer = await knock(suite, wrong)
  t.equal(answer.status, 429)
  t.match(answer.headers.get('ratelimit-policy'), /^"sip-sockets";q=2;/)
  t.ok(Number(answer.headers.get('retry-after')) > 0)
  t.match(JSON.parse(answer.body.toString()), { code: 'rate_limited' })
  t.match(await visit(suite), { code: 1013, reason: /^rate_limited \d+000$/ })
  t.equal(fake.connections, 2)
})

t.test('an office whose phones share an address comes back at once', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [entryOf(fake)])
  const knocks = Array.from({ length: 400 }, () => knock(suite, { Origin: ownOrigin }))
  const statuses = (await Promise.all(knocks)).map(({ status }) => status)
  t.strictSame(statuses, Array<number>(400).fill(101))
})

t.test('who knocks too often takes no room from others', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [entryOf(fake)], {
    TRUST_PROXY: '127.0.0.1',
    SIP_ADMISSION_RATE: '1',
    SIP_ADMISSION_BURST: '2',
    RATE_LIMIT_SIP_SOCKETS: '1',
  })
  const from = async (address: string) =>
    (await knock(suite, { 'X-Forwarded-For': address })).status
  const statuses = [await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.1')]
  t.strictSame(statuses, [101, 429, 429])
  t.equal(await from('192.0.2.2'), 101)
})

t.test('a flood of refusals is answered with statuses', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [entryOf(fake)])
  const page = {
    Origin: 'https://evil.example',
    'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0',
  }
  const statuses: number[] = []
  for (let count = 0; count < 15; count += 1) statuses.push((await knock(suite, page)).status)
  t.strictSame(statuses, [...Array<number>(10).fill(101), ...Array<number>(5).fill(403)])
  t.equal(fake.connections, 0)
  t.equal(await suite.metric('switchhook_sip_handshakes_total{outcome="origin_not_allowed"}'), 15)
})

t.test('a page whose handshake is no right one gets the status', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [entryOf(fake)])
  const page = { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0' }
  t.equal((await knock(suite, { ...page, 'Sec-WebSocket-Protocol': null })).status, 400)
  t.equal((await knock(suite, { ...page, 'Sec-WebSocket-Version': '12' })).status, 426)
  t.equal((await knock(suite, { ...page, 'Sec-WebSocket-Key': null })).status, 400)
  t.equal(fake.connections, 0)
})

t.test('a process that stops takes nobody in, and sends those away who wait', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [entryOf(fake)], { SIP_DRAIN_SECONDS: '0' })
  const socket = await open(t, suite)
  fake.script = scripts.slow
  const page = visit(suite)
  await fake.handshake(2)
  const program = exchange(suite.url, { opening: [sipHandshake()] })
  await fake.handshake(3)
  const told = once(socket, 'close')
  const closed = suite.app.close()
  t.match(await page, { code: 1012, reason: /^restart \d+000$/ })
  const { status, body } = await program
  t.equal(status, 503)
  t.match(JSON.parse(body.toString()), { code: 'shutting_down' })
  t.match(await told, [1012])
  const stopped = { code: 'shutting_down', upstream: 'pbx' }
  t.match(suite.logged('handshake refused'), [stopped, stopped])
  await fake.deserted()
  await closed
})
