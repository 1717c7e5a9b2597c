import t from 'tap'
import { acceptOf, exchange, handshake, sampleKey } from '../kit/raw-websocket.ts'
import { fakeUpstream } from '../kit/sip/fake-upstream.ts'
import { entryOf, knock, sipHandshake, sipSuite, type Fields } from '../kit/sip/sip-suite.ts'
import type { FakeUpstream } from '../kit/sip/fake-upstream.ts'
import type { SipSuite } from '../kit/sip/sip-suite.ts'

let fake: FakeUpstream
let suite: SipSuite

t.before(async () => {
  fake = await fakeUpstream(t)
  suite = await sipSuite(t, [entryOf(fake, { match: '^[0-9]{1,6}$' })])
})

const protocol = (offered: string | null): Fields => ({ 'Sec-WebSocket-Protocol': offered })

for (const offered of [
  'sip',
  'SIP',
  'Sip',
  'chat, sip',
  'sip, chat',
  'chat , \t SIP, x',
  'sip,SIP',
]) {
  t.test(`of '${offered}' sip comes back, and nothing else`, async (t) => {
    const { status, headers, body } = await knock(suite, protocol(offered))
    t.equal(status, 101)
    t.strictSame(Object.fromEntries(headers), {
      connection: 'Upgrade',
      'sec-websocket-accept': acceptOf(sampleKey),
      'sec-websocket-protocol': 'sip',
      upgrade: 'websocket',
    })
    t.equal(body.length, 0)
  })
}

t.test('a token may come among the subprotocols, and goes nowhere', async (t) => {
  const before = fake.asked.length
  const { status, headers } = await knock(suite, protocol(`sip, bearer.${suite.token}`))
  t.equal(status, 101)
  t.equal(headers.get('sec-websocket-protocol'), 'sip')
  const { head } = await fake.handshake(before + 1)
  t.notMatch(head, suite.token)
  t.match(head, /Sec-WebSocket-Protocol: sip\r?$/m)
})

for (const offered of ['permessage-deflate; client_max_window_bits', 'nonsense;;=,']) {
  t.test(`the extensions '${offered}' are not taken up, nor handed on`, async (t) => {
    const before = fake.asked.length
    const { status, headers } = await knock(suite, { 'Sec-WebSocket-Extensions': offered })
    t.equal(status, 101)
    t.notOk(headers.has('sec-websocket-extensions'))
    const { headers: asked } = await fake.handshake(before + 1)
    t.notOk(asked.has('sec-websocket-extensions'))
  })
}

t.test('an upstream is found by its name, or by an id that it takes', async (t) => {
  for (const asked of ['pbx', '388', '388?token=', 'pbx?x=1#y']) {
    t.equal((await knock(suite, {}, `/api/sip-ws/${asked}`)).status, 101, asked)
  }
})

t.test('what a client sends for us stays here', async (t) => {
  const before = fake.asked.length
  const { status } = await knock(
    suite,
    {
      Host: 'switchhook.example',
      Cookie: 'session=secret',
      Authorization: `Bearer ${suite.token}`,
      'X-Forwarded-For': '203.0.113.9',
      'X-App-Api-Key': '',
      Origin: 'http://127.0.0.1:3000',
      'User-Agent': 'SIP.js/0.21.2',
    },
    `/api/sip-ws/pbx?token=${suite.token}`,
  )
  t.equal(status, 101)
  const { line, headers } = await fake.handshake(before + 1)
  t.equal(line, 'GET /ws HTTP/1.1')
  t.not(headers.get('sec-websocket-key'), sampleKey)
  headers.delete('sec-websocket-key')
  t.strictSame(Object.fromEntries(headers), {
    connection: 'Upgrade',
    host: `127.0.0.1:${fake.port}`,
    'sec-websocket-protocol': 'sip',
    'sec-websocket-version': '13',
    upgrade: 'websocket',
    'user-agent': 'SIP.js/0.21.2',
  })
})

interface Refused {
  readonly name: string
  readonly sends: Buffer
  readonly status: number
  readonly code: string
  readonly headers?: Readonly<Record<string, string>>
}

const needed = { upgrade: 'websocket', 'sec-websocket-version': '13' }
const hostile = [
  'x.evil.com%2f%23',
  '1@evil.com:443%2f',
  '..%2f..%2fadmin',
  '127.0.0.1:6379%2f%3f',
  '388%0d%0aX-Evil:%201',
  '388%20HTTP%2f1.1%0d%0aHost:%20evil',
  '%00',
  '388%E2%80%8B',
  '%D9%A3%D9%A8%D9%A8',
  '1234567',
  'nobody',
]

const missing = { status: 400, code: 'sip_subprotocol_missing' }
const bad = { status: 400, code: 'bad_request' }
const old = { status: 426, code: 'unsupported_websocket_version', headers: needed }
const plain = { status: 426, code: 'websocket_required', headers: needed }
const unknown = { status: 404, code: 'upstream_not_found' }
const nowhere = { status: 404, code: 'not_found' }

const refused: readonly Refused[] = [
  { name: 'no subprotocol', sends: sipHandshake(protocol(null)), ...missing },
  ...['chat', 'sips', 'x-sip', 'switchhook.v1', 'bearer.x'].map((offered) => ({
    name: `only the subprotocol '${offered}'`,
    sends: sipHandshake(protocol(offered)),
    ...missing,
  })),
  ...['', 'sip,', 'sip sip', 'sip, sip', '"sip"'].map((offered) => ({
    name: `the malformed list '${offered}'`,
    sends: sipHandshake(protocol(offered)),
    ...bad,
  })),
  { name: 'no key', sends: sipHandshake({ 'Sec-WebSocket-Key': null }), ...bad },
  { name: 'a short key', sends: sipHandshake({ 'Sec-WebSocket-Key': 'dGhl' }), ...bad },
  { name: 'no host', sends: sipHandshake({ Host: null }), ...bad },
  ...['12', '8', '14', '013', '', null].map((version) => ({
    name: `version ${version}`,
    sends: sipHandshake({ 'Sec-WebSocket-Version': version }),
    ...old,
  })),
  {
    name: 'no Upgrade',
    sends: sipHandshake({ Upgrade: null, Connection: 'close' }),
    ...plain,
  },
  {
    name: 'another Upgrade',
    sends: sipHandshake({ Upgrade: 'h2c', Connection: 'Upgrade, close' }),
    ...plain,
  },
  {
    name: 'HTTP/1.0',
    sends: handshake({
      target: '/api/sip-ws/pbx',
      version: 'HTTP/1.0',
      headers: { 'Sec-WebSocket-Protocol': 'sip' },
    }),
    status: 426,
    code: 'websocket_required',
  },
  ...hostile.map((id) => ({
    name: `the upstream '${id}'`,
    sends: sipHandshake({}, `/api/sip-ws/${id}`),
    ...unknown,
  })),
  ...['/api/sip-ws', '/api/sip-ws/pbx/more', '/api/sip-wss/pbx', '/sip-ws/pbx'].map((path) => ({
    name: `the path ${path}`,
    sends: sipHandshake({}, path),
    ...nowhere,
  })),
  {
    name: 'another path of ours',
    sends: sipHandshake({}, '/api/sip-check'),
    status: 426,
    code: 'websocket_not_here',
  },
]

for (const { name, sends, status, code, headers = {} } of refused) {
  t.test(`${name}: ${status} ${code}, and nobody is dialled`, async (t) => {
    const before = fake.connections
    const answer = await exchange(suite.url, { opening: [sends] })
    t.equal(answer.status, status)
    t.match(answer.headers.get('content-type'), 'application/problem+json')
    const problem = JSON.parse(answer.body.toString()) as Record<string, unknown>
    t.match(problem, { code, status, detail: String })
    for (const [field, value] of Object.entries(headers)) {
      t.equal(answer.headers.get(field), value)
    }
    t.equal(fake.connections, before)
  })
}

t.test('every one of them is counted by its code, and logged with it', async (t) => {
  const codes = Map.groupBy(
    refused.filter(({ code }) => !['not_found', 'websocket_not_here'].includes(code)),
    ({ code }) => code,
  )
  for (const [code, cases] of codes) {
    const counted = await suite.metric(`switchhook_sip_handshakes_total{outcome="${code}"}`)
    t.equal(counted, cases.length, code)
    const logged = suite.logged('handshake refused').filter((line) => line['code'] === code)
    t.equal(logged.length, cases.length, code)
    t.match(logged[0], { level: 'info', address: '127.0.0.1', origin: null, upstream: String })
  }
})

t.test('a plain request for the route is told what to do', async (t) => {
  for (const method of ['GET', 'HEAD', 'POST']) {
    const { status } = await fetch(new URL('/api/sip-ws/pbx', suite.url), { method })
    t.equal(status, method === 'POST' ? 404 : 426, method)
  }
})

t.test('no socket is left, here or there', async (t) => {
  await fake.deserted()
  await suite.metricIs('switchhook_sip_sockets{upstream="pbx"}', 0)
  await suite.metricIs('switchhook_sip_upstream_connections{upstream="pbx"}', 0)
  t.ok((await suite.metric('switchhook_sip_handshakes_total{outcome="ok"}')) > 10)
  t.ok((await suite.metric('switchhook_sip_dial_seconds_count{upstream="pbx"}')) > 10)
})
