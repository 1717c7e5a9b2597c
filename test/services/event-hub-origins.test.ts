import t from 'tap'
import { build, jwtSecret } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { internal } from '../kit/internal.ts'
import { signToken } from '../kit/token.ts'

const environment = {
  PUBLIC_URL: 'https://calls.example.com',
  TRUST_PROXY: '127.0.0.0/8',
  ALLOWED_ORIGINS:
    'https://old.example;until=2999-12-20;successor=https://voxanne.ai https://gone.example;until=2020-01-01;successor=https://voxanne.ai https://voxanne.ai null',
}
const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0' }

/** What the check says to a request with these headers. */
async function check(url: string, headers: Record<string, string> = {}, query = '') {
  const response = await fetch(new URL(`/api/ws/check${query}`, url), { headers })
  const body = (await response.json()) as Record<string, unknown>
  return { status: response.status, headers: Object.fromEntries(response.headers), body }
}

t.test('the check leaves a ticket good for its connection, and knows a spent one', async (t) => {
  const { url, token } = await build(t, { environment })
  const origin = 'https://voxanne.ai'
  const answer = await fetch(new URL('/api/ws/ticket', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, origin },
  })
  const { ticket } = (await answer.json()) as { ticket: string }
  const query = `?ticket=${ticket}`
  for (let times = 0; times < 2; times += 1) {
    t.match((await check(url, { origin }, query)).body, { ok: true, code: 'ok' })
  }
  const client = await connect(url, { path: `/ws${query}`, headers: { origin } })
  await client.nextNamed('connected')
  t.match((await check(url, { origin }, query)).body, { ok: false, code: 'auth_invalid' })
  await client.close()
})

t.test(
  'the check tells what a connection would get: origin first, then the credential',
  async (t) => {
    const { url, token } = await build(t, { environment })
    const bearer = { authorization: `Bearer ${token}` }
    const ok = { ok: true, code: 'ok', fix: null }
    const settings = 'to ALLOWED_ORIGINS or ORIGINS_FILE'
    const expired = await signToken(jwtSecret, {}, { expires: 1_000 })
    const table: [headers: Record<string, string>, body: object][] = [
      [bearer, { ...ok, origin: null }],
      [
        { ...bearer, origin: 'https://voxanne.ai' },
        { ...ok, origin: 'https://voxanne.ai' },
      ],
      [
        { ...bearer, origin: 'null' },
        { ...ok, origin: 'null' },
      ],
      [
        { ...bearer, origin: 'https://old.example' },
        { ...ok, message: /until 2999-12-20: go to https:\/\/voxanne\.ai$/ },
      ],
      [
        { ...bearer, origin: 'https://gone.example' },
        {
          ok: false,
          code: 'origin_not_allowed',
          message: "The origin 'https://gone.example' is not allowed",
          fix: 'open https://voxanne.ai instead, or give https://gone.example a later until than 2020-01-01 in ALLOWED_ORIGINS',
          origin: 'https://gone.example',
        },
      ],
      [
        { ...bearer, origin: 'https://www.voxanne.ai' },
        {
          code: 'origin_not_allowed',
          fix: `add https://www.voxanne.ai ${settings}: https://voxanne.ai in ALLOWED_ORIGINS differs in www`,
        },
      ],
      [
        { origin: 'https://who.test' },
        { code: 'origin_not_allowed', fix: `add https://who.test ${settings}` },
      ],
      [{ origin: 'https://voxanne.ai' }, { ok: false, code: 'auth_missing', fix: String }],
      [{ authorization: 'Bearer nonsense' }, { ok: false, code: 'auth_invalid', origin: null }],
      [{ authorization: `Bearer ${expired}` }, { ok: false, code: 'auth_expired' }],
    ]
    for (const [headers, body] of table) {
      const answer = await check(url, headers)
      t.match(answer, {
        status: 200,
        headers: { 'access-control-allow-origin': '*', 'cache-control': 'no-store' },
        body,
      })
      t.strictSame(Object.keys(answer.body), ['ok', 'code', 'message', 'fix', 'origin'])
    }
    t.match((await check(url, {}, `?token=${token}`)).body, ok)
  },
)

t.test('a page of the same origin sends none: then it is where the request went to', async (t) => {
  const { url, token } = await build(t, { environment })
  const bearer = { authorization: `Bearer ${token}` }
  const same = { ...bearer, 'sec-fetch-site': 'same-origin' }
  const at = (host: string, proto = 'https') => ({
    'x-forwarded-host': host,
    'x-forwarded-proto': proto,
  })
  const table: [headers: Record<string, string>, code: string, origin: string | null][] = [
    [{ ...same, ...at('calls.example.com') }, 'ok', 'https://calls.example.com'],
    [{ ...same, ...at('calls.example.com', 'http') }, 'ok', 'https://calls.example.com'],
    [{ ...same, ...at('localhost:3000', 'http') }, 'ok', 'http://localhost:3000'],
    [{ ...same, ...at('moved.example') }, 'origin_not_allowed', 'https://moved.example'],
    [
      { ...same, ...at('hub:3001', 'http'), referer: 'https://voxanne.ai/app' },
      'ok',
      'https://voxanne.ai',
    ],
    [
      { ...bearer, ...at('10.0.0.5:3000', 'http'), referer: 'http://10.0.0.5:3000/' },
      'origin_not_allowed',
      'http://10.0.0.5:3000',
    ],
    [{ ...bearer, ...at('calls.example.com'), referer: 'https://evil.test/a' }, 'ok', null],
    [{ ...bearer, 'sec-fetch-site': 'cross-site', referer: 'https://evil.test/a' }, 'ok', null],
    [{ ...bearer, 'sec-fetch-site': 'none' }, 'ok', null],
    [{ ...bearer, referer: 'nonsense' }, 'ok', null],
  ]
  for (const [headers, code, origin] of table) {
    t.match((await check(url, headers)).body, { code, origin }, JSON.stringify({ code, origin }))
  }
})

t.test('a page of any origin may send its credential to the check', async (t) => {
  const { url } = await build(t, { environment })
  const response = await fetch(new URL('/api/ws/check', url), {
    method: 'OPTIONS',
    headers: {
      origin: 'https://who.test',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    },
  })
  t.equal(response.status, 204)
  t.equal(response.headers.get('access-control-allow-origin'), '*')
  t.match(response.headers.get('access-control-allow-headers'), 'Authorization')
})

t.test('a user who has as many sockets as allowed is told so', async (t) => {
  const suite = await build(t, { environment: { ...environment, MAX_SOCKETS_PER_USER: '1' } })
  const bearer = { authorization: `Bearer ${suite.token}` }
  t.match((await check(suite.url, bearer)).body, { ok: true })
  const client = await connect(suite.url, { token: suite.token })
  await client.nextNamed('connected')
  t.match((await check(suite.url, bearer)).body, {
    ok: false,
    code: 'too_many_sockets',
    fix: /MAX_SOCKETS_PER_USER/,
  })
  await client.close()
})

t.test('credentials are checked so often per address, origins always', async (t) => {
  const { url } = await build(t, { environment })
  const from = (address: string, more: Record<string, string> = {}) =>
    check(url, { 'x-forwarded-for': address, authorization: 'Bearer guess', ...more })
  for (let count = 0; count < 60; count += 1) await from('192.0.2.1')
  t.match(await from('192.0.2.1'), {
    status: 200,
    headers: { 'retry-after': /^\d+$/, 'ratelimit-remaining': '0' },
    body: { ok: false, code: 'rate_limited', fix: /Retry after \d+ s/ },
  })
  t.match(await from('192.0.2.1', { origin: 'https://who.test' }), {
    status: 200,
    body: { code: 'origin_not_allowed', fix: /^add https:\/\/who\.test / },
  })
  t.match(await from('192.0.2.2'), { body: { code: 'auth_invalid' } })
})

t.test('operators see the list, who was refused and what would help', async (t) => {
  const { url, token } = await build(t, {
    environment: { ...environment, FRONTEND_URL: 'https://front.example/app' },
  })
  for (const origin of ['https://who.test', 'https://www.voxanne.ai', 'https://who.test']) {
    await (
      await connect(url, { token, headers: { origin, ...browser } })
    ).closed
  }
  const client = await connect(url, { token, headers: { origin: 'https://old.example' } })
  await client.nextNamed('connected')
  await check(url, { origin: 'https://third.test' })
  const time = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/
  const { status, body } = await internal(url, '/origins')
  t.equal(status, 200)
  const { allowed, refused, deprecated } = body as Record<string, { origin: string }[]>
  t.match(refused, [
    {
      origin: 'https://who.test',
      count: 2,
      firstAt: time,
      lastAt: time,
      fix: 'add https://who.test to ALLOWED_ORIGINS or ORIGINS_FILE',
    },
    { origin: 'https://www.voxanne.ai', count: 1, fix: /differs in www/ },
  ])
  t.equal(refused!.length, 2, 'the check counts nothing')
  t.match(deprecated, [
    {
      origin: 'https://old.example',
      until: '2999-12-20',
      successor: 'https://voxanne.ai',
      count: 1,
      lastAt: time,
      users: ['test@example.com'],
    },
  ])
  const entryOf = (wanted: string) => allowed!.find(({ origin }) => origin === wanted)
  const never = { until: null, successor: null }
  for (const [origin, source] of [
    ['https://calls.example.com', 'PUBLIC_URL'],
    ['http://localhost:3000', 'PORT'],
    ['https://voxanne.ai', 'ALLOWED_ORIGINS'],
    ['https://front.example', 'FRONTEND_URL'],
  ]) {
    t.strictSame(entryOf(origin!), { origin, ...never, source })
  }
  t.match(entryOf('https://gone.example'), { until: '2020-01-01', successor: 'https://voxanne.ai' })
  t.equal((await internal(url, '/origins', { secret: null })).status, 401)
  await client.close()
})
