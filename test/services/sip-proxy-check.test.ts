import { once } from 'node:events'
import t from 'tap'
import { jwtSecret } from '../kit/build.ts'
import { fakeUpstream, scripts, switching } from '../kit/sip/fake-upstream.ts'
import { entryOf, ownOrigin, pageSocket, sipSuite, type SipSuite } from '../kit/sip/sip-suite.ts'
import { signToken } from '../kit/token.ts'

interface Verdict {
  readonly ok: boolean
  readonly code: string
  readonly message: string
  readonly fix: string | null
  readonly origin: string | null
}

async function ask(
  { url }: SipSuite,
  query = '?upstream=pbx',
  headers: Record<string, string> = {},
) {
  const response = await fetch(new URL(`/api/sip-check${query}`, url), { headers })
  return {
    status: response.status,
    headers: response.headers,
    verdict: (await response.json()) as Verdict,
  }
}

t.test('the check tells what a socket would get, to everybody, always with 200', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [
    entryOf(fake, { missingOrigin: 'refuse', match: '^[0-9]{3}$' }),
    entryOf(fake, { name: 'open' }),
    entryOf(fake, { name: 'closed', auth: 'required' }),
  ])
  const bearer = { authorization: `Bearer ${suite.token}` }
  const origin = 'https://evil.example'
  const expired = await signToken(jwtSecret, {}, { expires: 1_000 })
  const ok = { ok: true, code: 'ok', fix: null }
  const table: [query: string, headers: Record<string, string>, verdict: Partial<Verdict>][] = [
    ['?upstream=pbx', bearer, { ...ok, origin: null }],
    ['?upstream=388', bearer, ok],
    ['?upstream=pbx', { origin: ownOrigin }, { ...ok, origin: ownOrigin }],
    [
      '?upstream=pbx',
      { 'sec-fetch-site': 'same-origin' },
      { ok: false, code: 'origin_not_allowed' },
    ],
    [`?upstream=pbx&token=${suite.token}`, {}, ok],
    ['?upstream=open', {}, ok],
    ['?upstream=pbx', {}, { ok: false, code: 'origin_missing' }],
    ['?upstream=pbx', { ...bearer, origin }, { ok: false, code: 'origin_not_allowed', origin }],
    ['?upstream=nobody', { origin: ownOrigin }, { ok: false, code: 'upstream_not_found' }],
    ['', { origin: ownOrigin }, { ok: false, code: 'upstream_not_found' }],
    ['?upstream=closed', { origin: ownOrigin }, { ok: false, code: 'auth_missing' }],
    ['?upstream=open', { authorization: 'Bearer x' }, { ok: false, code: 'auth_invalid' }],
    ['?upstream=open', { authorization: `Bearer ${expired}` }, { ok: false, code: 'auth_expired' }],
  ]
  for (const [query, headers, expected] of table) {
    const { status, headers: answered, verdict } = await ask(suite, query, headers)
    t.equal(status, 200)
    t.match(verdict, expected, query)
    t.strictSame(Object.keys(verdict), ['ok', 'code', 'message', 'fix', 'origin'])
    t.equal(verdict.fix === null, verdict.ok)
    t.equal(answered.get('access-control-allow-origin'), '*')
    t.equal(answered.get('cache-control'), 'no-store')
  }
})

t.test('a PBX that answers is asked for nothing else, and told goodbye', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [entryOf(fake)])
  t.match((await ask(suite)).verdict, { ok: true })
  const { headers, heard } = await fake.handshake()
  t.equal(headers.get('sec-websocket-protocol'), 'sip')
  await fake.deserted()
  const octets = heard()
  t.equal(octets.length, 8)
  t.equal(octets[0], 0x88, 'a close frame')
  t.equal(octets[1], 0x82, 'masked, with a code')
  const code = Buffer.from(octets.subarray(6).map((octet, index) => octet ^ octets[2 + index]!))
  t.equal(code.readUInt16BE(), 1000)
})

const failures = [
  ['badRequest', 'upstream_bad_request', /doctor sip/],
  ['notFound', 'upstream_path_not_found', /\/ws/],
  ['forbidden', 'upstream_forbidden', /Origin or a login/],
  ['close', 'upstream_not_websocket', /doctor sip/],
  ['slow', 'upstream_timeout', /firewall/],
] as const

for (const [script, code, fix] of failures) {
  t.test(`a PBX that answers '${script}' is told apart: ${code}`, async (t) => {
    const fake = await fakeUpstream(t, scripts[script])
    const suite = await sipSuite(t, [entryOf(fake)], { SIP_DIAL_SECONDS: '3' })
    const { status, verdict } = await ask(suite)
    t.equal(status, 200)
    t.match(verdict, { ok: false, code, fix, message: `127.0.0.1:${fake.port}` })
    await fake.deserted()
  })
}

t.test('however many ask, a PBX sees one handshake of it for a while', async (t) => {
  const fake = await fakeUpstream(t, scripts.slow)
  const suite = await sipSuite(t, [entryOf(fake), entryOf(fake, { name: 'other' })])
  const asking = Array.from({ length: 20 }, () => ask(suite))
  const asked = await fake.handshake()
  asked.socket.write(switching(asked))
  for (const { verdict } of await Promise.all(asking)) t.equal(verdict.code, 'ok')
  t.equal((await ask(suite)).verdict.code, 'ok')
  t.equal(fake.connections, 1)
  fake.script = scripts.notFound
  t.equal((await ask(suite, '?upstream=other')).verdict.code, 'upstream_path_not_found')
  t.equal((await ask(suite, '?upstream=other')).verdict.code, 'upstream_path_not_found')
  t.equal(fake.connections, 2)
})

t.test('only so many routes are tried at once', async (t) => {
  const fake = await fakeUpstream(t, scripts.slow)
  const suite = await sipSuite(t, [
    entryOf(fake, { match: '^[0-9]+$', targets: [`ws://127.0.0.1:${fake.port}/ws/{id}`] }),
  ])
  const asking = [1, 2, 3, 4].map((id) => ask(suite, `?upstream=${id}`))
  await fake.handshake(4)
  t.match((await ask(suite, '?upstream=5')).verdict, { ok: false, code: 'overload' })
  t.equal(fake.connections, 4)
  for (const asked of fake.asked) asked.socket.write(switching(asked))
  for (const { verdict } of await Promise.all(asking)) t.equal(verdict.code, 'ok')
})

t.test('an upstream that is full is not dialled to find out', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [entryOf(fake, { maxSockets: 1 })])
  const socket = pageSocket(suite)
  await once(socket, 'open')
  t.match((await ask(suite)).verdict, { ok: false, code: 'upstream_full', fix: /maxSockets/ })
  t.equal(fake.connections, 1)
  socket.terminate()
})

t.test('beyond six hundred a minute only the origin is judged', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [entryOf(fake)])
  await Promise.all(Array.from({ length: 600 }, () => ask(suite)))
  const { status, headers, verdict } = await ask(suite)
  t.equal(status, 200)
  t.match(verdict, { ok: false, code: 'rate_limited' })
  t.match(headers.get('retry-after'), /^\d+$/)
  const origin = 'https://evil.example'
  t.match((await ask(suite, undefined, { origin })).verdict, { code: 'origin_not_allowed', origin })
})

t.test('a check that is under way ends with the process', async (t) => {
  const fake = await fakeUpstream(t, scripts.slow)
  const suite = await sipSuite(t, [entryOf(fake)])
  const asking = ask(suite)
  await fake.handshake()
  const closed = suite.app.close()
  t.match((await asking).verdict, { ok: false, code: 'shutting_down' })
  await fake.deserted()
  await closed
})

t.test('a page of any origin may send its credential to the check', async (t) => {
  const fake = await fakeUpstream(t)
  const { url } = await sipSuite(t, [entryOf(fake)])
  const response = await fetch(new URL('/api/sip-check?upstream=pbx', url), {
    method: 'OPTIONS',
    headers: { origin: 'https://who.test', 'access-control-request-method': 'GET' },
  })
  t.equal(response.status, 204)
  t.equal(response.headers.get('access-control-allow-origin'), '*')
  t.match(response.headers.get('access-control-allow-headers'), 'Authorization')
})
