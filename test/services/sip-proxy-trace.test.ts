import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import t from 'tap'
import { until } from '../kit/until.ts'
import {
  connectionOf,
  ladderOf,
  path,
  sip,
  start,
  traceApp,
  type Sip,
} from './sip-proxy-trace-app.ts'

const invite = sip('INVITE sip:1002@example.com SIP/2.0')
const beginning = Buffer.from('INVITE sip:1002@')

t.test('while nobody is traced no message is looked at', async (t) => {
  const suite = await traceApp(t)
  const connection = connectionOf(suite)
  t.equal(connection.wants('browser', beginning), false)
  await start(suite)
  t.equal(connection.wants('browser', beginning), true, 'also one that was there before')
  t.equal(connection.wants('browser', Buffer.from('\r\n\r\n')), false, 'but a keepalive is not SIP')
  const { status } = await suite.ask('DELETE', `${path}?aor=sip:1001@example.com`)
  t.equal(status, 204)
  t.equal(connection.wants('browser', beginning), false)
})

t.test('the messages of a user are written down in both directions, masked', async (t) => {
  const suite = await traceApp(t)
  const { status, body } = await start(suite)
  t.equal(status, 201)
  t.match(body, { aor: 'sip:1001@example.com', until: /^2.*Z$/ })
  const connection = connectionOf(suite)
  const rows = ['Authorization: Digest username="1001", response="5ecret"']
  connection.see('browser', sip('INVITE sip:1002@example.com SIP/2.0', { rows }))
  connection.see('upstream', sip('SIP/2.0 180 Ringing', { tag: 'b' }))
  connection.see('browser', sip('INVITE sip:3@example.com SIP/2.0', { call: 'x', from: 'sip:3@b' }))
  const ladder = await ladderOf(suite, 'call-1', 2)
  t.match(ladder, { call: 'call-1', complete: true, missing: null })
  t.match(ladder.messages, [
    {
      at: /^\d{4}-.*\.\d{3}Z$/,
      from: 'browser',
      upstream: 'phantom',
      address: '192.0.2.7',
      startLine: 'INVITE sip:1002@example.com SIP/2.0',
      message: /username="1001", response="…"/,
    },
    { from: 'upstream', startLine: 'SIP/2.0 180 Ringing' },
  ])
  const list = await suite.ask('GET', path)
  t.match(list.body, {
    traced: [{ aor: 'sip:1001@example.com', by: 'test@example.com', state: 'active' }],
    items: [
      {
        call: 'call-1',
        method: 'INVITE',
        from: 'sip:1001@example.com',
        to: 'sip:1002@example.com',
        upstream: 'phantom',
        messages: 2,
      },
    ],
    next: null,
  })
  t.equal((list.body as { items: unknown[] }).items.length, 1, 'others are nobody’s business')
})

t.test('who is meant is found wherever a message names the user', async (t) => {
  const suite = await traceApp(t)
  await start(suite)
  const see = (call: string, from: string, rest: Sip = {}) =>
    connectionOf(suite).see(
      'upstream',
      sip(`INVITE sip:${rest.target ?? 'x@y'} SIP/2.0`, { call, from, to: 'sip:7@z', ...rest }),
    )
  see('from', '"1001" <sip:1001@EXAMPLE.com:5060;user=phone>'.slice(8, -1))
  see('to', 'sip:9@example.com', { to: 'sips:1001@example.com' })
  see('target', 'sip:9@example.com', { target: '1001@example.com;transport=ws' })
  see('contact', 'sip:9@example.com', { rows: ['m: "a<b" <sip:1001@x.invalid;ob>;+x="y"'] })
  see('escaped', 'sip:%31001@example.com')
  see('no-host', 'sip:1001@another.example')
  see('no-user', 'sip:example.com')
  see('longer', 'sip:11001@example.com')
  see('display', 'sip:9@example.com', { rows: ['Contact: "<sip:1001@x>" <sip:9@x>'] })
  see('last', 'sip:1001@example.com')
  await ladderOf(suite, 'last')
  const { body } = await suite.ask('GET', path)
  const found = (body as { items: { call: string }[] }).items.map(({ call }) => call)
  t.strictSame(found.toSorted(), ['contact', 'escaped', 'from', 'last', 'target', 'to'])
})

t.test('a user without a host is traced at any', async (t) => {
  const suite = await traceApp(t)
  const { body } = await start(suite, '1001')
  t.match(body, { aor: '1001' })
  connectionOf(suite).see(
    'browser',
    sip('INVITE sip:a@b SIP/2.0', { from: 'sip:1001@any.example' }),
  )
  await ladderOf(suite)
})

t.test('of a connection that registers the user everything is written down', async (t) => {
  const suite = await traceApp(t)
  await start(suite)
  const connection = connectionOf(suite)
  const register = { call: 'r', to: 'sip:1001@example.com', cseq: '1 REGISTER' }
  connection.see('browser', sip('REGISTER sip:example.com SIP/2.0', register))
  const strangers = { call: 'c', from: 'sip:8@x', to: 'sip:9@x' }
  connection.see('upstream', sip('INVITE sip:k2j4@x.invalid SIP/2.0', strangers))
  await ladderOf(suite, 'c')
  const other = connectionOf(suite)
  other.see('upstream', sip('SIP/2.0 100 Trying', strangers))
  await ladderOf(suite, 'c', 2)
  connection.closed()
})

t.test('what is no SIP ends nothing, and is not written down', async (t) => {
  const suite = await traceApp(t)
  await start(suite)
  const connection = connectionOf(suite)
  for (const text of ['', 'nonsense', '\0\x01\x02', 'INVITE', ':\r\n:\r\n\r\n']) {
    connection.see('browser', Buffer.from(text))
  }
  connection.see('browser', Buffer.from([0xff, 0xfe, 0x0d, 0x0a, 0x0d, 0x0a]))
  const odd = { call: 'odd\0\x07call', to: 'sip:\0@x\0' }
  connection.see('browser', sip('INVITE sip:\0 SIP/2.0', odd))
  await ladderOf(suite, 'oddcall')
})

t.test('what is missing of a call is said', async (t) => {
  const suite = await traceApp(t)
  await start(suite)
  const connection = connectionOf(suite)
  const end = () => suite.ask('DELETE', `${path}?aor=sip:1001@example.com`)
  const bye = { tag: 'b', cseq: '2 BYE' }
  connection.see('browser', sip('BYE sip:1002@example.com SIP/2.0', { ...bye, call: 'late' }))
  t.match(await ladderOf(suite, 'late'), { complete: false, missing: 'beginning' })
  const whole = { call: 'whole' }
  connection.see('browser', sip('INVITE sip:1002@example.com SIP/2.0', whole))
  connection.see('upstream', sip('SIP/2.0 200 OK', { ...whole, tag: 'b' }))
  connection.see('browser', sip('BYE sip:1002@example.com SIP/2.0', { ...whole, ...bye }))
  connection.see('upstream', sip('SIP/2.0 200 OK', { ...whole, ...bye }))
  connection.see('browser', sip('INVITE sip:1002@example.com SIP/2.0', { call: 'refused' }))
  connection.see('upstream', sip('SIP/2.0 486 Busy Here', { call: 'refused', tag: 'b' }))
  const options = { call: 'options', cseq: '1 OPTIONS' }
  connection.see('browser', sip('OPTIONS sip:example.com SIP/2.0', options))
  connection.see('upstream', sip('SIP/2.0 200 OK', { ...options, tag: 'b' }))
  connection.see('browser', sip('INVITE sip:1002@example.com SIP/2.0', { call: 'cut' }))
  connection.see('upstream', sip('SIP/2.0 407 Proxy Authentication Required', { call: 'cut' }))
  t.match(await ladderOf(suite, 'cut', 2), { complete: true }, 'as far as it is')
  await end()
  t.match(await ladderOf(suite, 'cut'), { complete: false, missing: 'end' })
  for (const call of ['whole', 'refused', 'options']) {
    t.match(await ladderOf(suite, call), { complete: true, missing: null }, call)
  }
})

t.test('a trace that is full says so, and so do its calls', async (t) => {
  const suite = await traceApp(t)
  await start(suite)
  const connection = connectionOf(suite)
  const large = (call: string, octets: number): Buffer =>
    sip('INVITE sip:1002@example.com SIP/2.0', { call, rows: [`Subject: ${'x'.repeat(octets)}`] })
  connection.see('browser', large('small', 10))
  for (let count = 0; count < 5; count += 1) connection.see('browser', large('large', 1_048_576))
  await until(() => !connection.wants('browser', beginning))
  t.match(await ladderOf(suite, 'small'), { complete: false, missing: 'limit' })
  const { body } = await suite.ask('GET', path)
  t.match(body, { traced: [{ state: 'full', messages: 4, dropped: 2 }] })
})

t.test('what comes faster than the store takes it is counted, and the call says so', async (t) => {
  const suite = await traceApp(t)
  await start(suite)
  const connection = connectionOf(suite)
  // All in one turn: nothing can be written meanwhile.
  for (let count = 0; count < 2_001; count += 1) connection.see('browser', invite)
  await ladderOf(suite, 'call-1', 2_000)
  const { body } = await suite.ask('GET', path)
  t.match(body, { traced: [{ dropped: 1 }] })
  const ladder = await ladderOf(suite, 'call-1', 2_000)
  t.equal(ladder.complete, false)
})

t.test('what waits to be written is written before the process ends', async (t) => {
  const suite = await traceApp(t)
  await start(suite)
  connectionOf(suite).see('browser', invite)
  const { traces } = suite.trace
  const written = new Promise((resolve) => {
    const { write } = traces
    Object.assign(traces, {
      write: async (...given: Parameters<typeof write>) => resolve(await write(...given)),
    })
  })
  await suite.app.close()
  await written
  t.pass('it was')
})

t.test('traced messages are shown to a collector, others are not', async (t) => {
  const socket = createSocket('udp4')
  const packets: string[] = []
  socket.on('message', (packet) => packets.push(packet.toString('latin1')))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => void socket.close())
  const suite = await traceApp(t, { hepUrl: `udp:127.0.0.1:${socket.address().port}` })
  await start(suite)
  const connection = suite.trace.watch({
    upstream: 'phantom',
    app: suite.appId,
    address: '192.0.2.7',
    userAgent: '',
    port: 51_000,
    target: { address: '198.51.100.9', port: 8089 },
  })
  connection.see('browser', sip('INVITE sip:3@x SIP/2.0', { call: 'x', from: 'sip:3@b' }))
  const rows = ['Proxy-Authorization: Digest response="5ecret"']
  connection.see('browser', sip('INVITE sip:1002@example.com SIP/2.0', { rows }))
  await until(() => packets.length > 0)
  t.equal(packets.length, 1)
  t.match(packets[0], /^HEP3[^]*call-1[^]*INVITE sip:1002@example.com SIP\/2.0\r\n/)
  t.notMatch(packets[0], '5ecret')
  const sent = /switchhook_sip_hep_packets_total\{outcome="sent"[^}]*\} 1/
  await until(async () => sent.test(await suite.app.metrics.metrics()))
})
