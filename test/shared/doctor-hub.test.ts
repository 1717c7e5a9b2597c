import { once } from 'node:events'
import { createServer } from 'node:net'
import { test, type Test } from 'tap'
import { examineOrigin, examineSocket, type Check } from '@switchhook/shared/doctor'
import { build, jwtSecret } from '../kit/build.ts'
import { selfSigned, serveTls } from '../kit/certificates/index.ts'
import { freePort } from '../kit/process.ts'
import { startTlsProxy } from '../kit/tls-proxy.ts'
import { signToken } from '../kit/token.ts'

type Given = Omit<Parameters<typeof examineSocket>[0], 'url' | 'now'> & { now?: () => number }

function socket(url: string, given: Given = {}): Promise<Check[]> {
  return Array.fromAsync(examineSocket({ url: new URL(url), now: Date.now, ...given }))
}

function origin(url: string, of: string, token?: string): Promise<Check[]> {
  const asked = { url: new URL(url), origin: of, now: Date.now }
  return Array.fromAsync(examineOrigin({ ...asked, token }))
}

const hubOf = (url: string): string => `${url.replace('http', 'ws')}/ws`

/** Answers every connection with this, whatever it asks. */
async function answering(t: Test, text: string): Promise<string> {
  const server = createServer((peer) => {
    peer.on('error', () => {})
    peer.once('data', () => peer.end(text, 'latin1'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `ws://127.0.0.1:${(server.address() as { port: number }).port}/ws`
}

test('a connection that is right says as whom, and that pings pass', async (t) => {
  const { url, token } = await build(t)
  const checks = await socket(hubOf(url), { token })
  t.match(checks, [
    { check: 'token', ok: true, message: /sub .*expires in/ },
    {
      check: 'socket',
      ok: true,
      message:
        /connected as .*, of the app [0-9a-f-]{36}, by switchhook\.v1, a heartbeat every 20 s/,
    },
    { check: 'heartbeat', ok: true },
    { check: '/api/ws/check', ok: true },
  ])
  t.notMatch(JSON.stringify(checks), token, 'the token is never repeated')
})

test('a refused credential is explained by what can be seen of it', async (t) => {
  const { url } = await build(t)
  const hub = hubOf(url)
  const none = await socket(hub)
  t.match(none[0], { check: 'socket', code: 'auth_missing', fix: /--token-file/ })
  const now = Math.floor(Date.now() / 1000)
  const cases: readonly (readonly [string, RegExp])[] = [
    [await signToken(jwtSecret, {}, { expires: now - 7_300 }), /the token expired 2 h ago/],
    [await signToken(jwtSecret, {}, { expires: (now + 60) * 1000 }), /exp is in milliseconds/],
    [await signToken(jwtSecret, { nbf: now + 930 }), /begins only in 15 min/],
    ['Bearer x.y.z', /begins with the word Bearer/],
    ['"x.y.z"', /in quotation marks/],
    ['x.y', /has 2 of the 3 parts/],
    ['x.y.z', /its parts are no JSON/],
  ]
  for (const [token, message] of cases) {
    const checks = await socket(hub, { token })
    t.match(checks[0], { check: 'token', ok: false, message })
    t.notOk(checks.find(({ check }) => check === '/api/ws/check')?.ok)
  }
  const stranger = await signToken('another secret of more than thirty-two characters')
  t.match((await socket(hub, { token: stranger })).slice(1), [
    { check: 'socket', code: 'auth_invalid', message: /closed with 1008 auth_invalid/ },
    { check: '/api/ws/check', code: 'auth_invalid' },
  ])
  t.match((await socket(hub, { token: 'app_x' }))[0], { code: 'skipped' })
})

test('an audience that is not ours is named', async (t) => {
  const { url } = await build(t, { environment: { JWT_AUDIENCE: 'calls' } })
  const token = await signToken(jwtSecret, { aud: 'crm' })
  const checks = await socket(hubOf(url), { token })
  t.match(checks[0]!.message, 'aud crm')
  t.match(checks.at(-1), { ok: false, code: 'auth_invalid' })
})

test('what answers in place of the hub is told by what it answers', async (t) => {
  const cases: readonly (readonly [string, object])[] = [
    ['200 OK', { code: 'not_websocket', fix: /proxy_set_header Upgrade/ }],
    [
      '301 Moved\r\nLocation: https://calls.example/ws',
      { fix: 'Connect to wss://calls.example/ws.' },
    ],
    ['400 Bad Request', { code: 'upgrade_dropped' }],
    ['401 Unauthorized', { code: 'refused_in_front' }],
    ['404 Not Found', { code: 'path_not_found' }],
    ['418 Teapot', { code: 'not_switchhook' }],
    ['418 \u001b[31mTeapot', { check: 'connection', code: 'not_websocket' }],
    ['426 Upgrade Required', { code: 'upgrade_dropped' }],
    ['429 Too Many Requests', { code: 'rate_limited' }],
    ['502 Bad Gateway', { code: 'server_error', message: /a proxy, and the service behind it/ }],
    ['500 Oops', { code: 'server_error', message: /has failed/ }],
    ['101 Switching Protocols', { check: 'connection', code: 'not_websocket' }],
    ['x', { check: 'connection', code: 'not_websocket' }],
    [
      '426 Upgrade Required\r\nTransfer-Encoding: chunked\r\n\r\n2e\r\n{"code":"websocket_required","detail":"it is"}\r\n0\r\n\r\n',
      { code: 'upgrade_dropped', message: /the service saw no request for a WebSocket/ },
    ],
  ]
  for (const [answer, expected] of cases) {
    const [first] = await socket(await answering(t, `HTTP/1.1 ${answer}\r\n\r\n`))
    t.match(first, { ok: false, ...expected }, answer)
    t.notMatch(JSON.stringify(first), '\\u001b')
  }
  t.match(await socket(`ws://127.0.0.1:${await freePort()}/ws`), [{ code: 'unreachable' }])
  t.match(await socket('ws://nobody.invalid/ws'), [{ code: 'dns_failure' }])
  const { key, chain } = await selfSigned()
  const { port } = await serveTls(t, { key, chain })
  t.match(await socket(`wss://localhost:${port}/ws`), [
    { check: 'tls', code: 'upstream_self_signed' },
  ])
})

test('a wrong path of the hub itself is named', async (t) => {
  const { url } = await build(t)
  const checks = await socket(`${url.replace('http', 'ws')}/socket`)
  t.match(checks, [
    { check: 'socket', code: 'path_not_found', fix: 'The socket is at /ws: compare the path.' },
    { check: '/api/ws/check', code: 'auth_missing' },
  ])
})

test('an origin is allowed, or refused with what to add where', async (t) => {
  const ALLOWED_ORIGINS =
    'https://crm.example.com https://old.example.com;until=2099-12-20;successor=https://crm.example.com'
  const { url, token } = await build(t, { environment: { ALLOWED_ORIGINS } })
  t.match(await origin(url, 'https://crm.example.com'), [
    { check: '/api/ws/check', ok: true, message: 'https://crm.example.com is allowed' },
    { check: 'socket', ok: true },
  ])
  t.match((await origin(url, 'https://old.example.com', token))[0], {
    ok: true,
    message: /until 2099-12-20: go to https:\/\/crm\.example\.com/,
  })
  const near: readonly (readonly [string, RegExp])[] = [
    ['http://crm.example.com', /Add http:\/\/crm\.example\.com to .*differs in http\/https/],
    ['https://www.crm.example.com', /differs in www/],
    ['https://crm.example.com:8443', /differs in the port/],
    ['https://pr-12.preview.example.com', /For all previews together: https:\/\/\*\.preview\./],
    ['null', /Add null to ALLOWED_ORIGINS or ORIGINS_FILE/],
  ]
  const [address] = await origin(url, 'http://192.0.2.7:8443')
  t.notMatch(address?.fix, /For all previews/, 'an address has no previews')
  for (const [refused, fix] of near) {
    t.match(await origin(url, refused), [
      { check: '/api/ws/check', ok: false, code: 'origin_not_allowed', fix },
      { check: 'socket', ok: false, code: 'origin_not_allowed' },
    ])
  }
  t.match(await origin(url, 'https://CRM.example.com:443/calls/'), [
    { check: 'spelling', ok: true, message: /browsers send https:\/\/crm\.example\.com/ },
    { check: '/api/ws/check', ok: true },
    { check: 'socket', ok: true },
  ])
})

test('an origin that does not arrive, and a deployment that is none, are told', async (t) => {
  const body = JSON.stringify({ ok: true, code: 'ok', message: 'x', fix: null, origin: null })
  const changing = await answering(
    t,
    `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
  const http = changing.replace('ws:', 'http:').replace('/ws', '')
  t.match((await origin(http, 'https://crm.example.com'))[0], { code: 'origin_changed' })
  const nowhere = `http://127.0.0.1:${await freePort()}`
  t.match(await origin(nowhere, 'https://crm.example.com'), [
    { code: 'connection_refused' },
    { code: 'unreachable' },
  ])
})

test('behind a proxy with a certificate nobody knows, TLS is what is told', async (t) => {
  const { url, token } = await build(t)
  const proxy = await startTlsProxy(t, url)
  const checks = await socket(hubOf(proxy.url), { token })
  t.match(checks.slice(1), [{ check: 'tls', ok: false, code: 'upstream_issuer_unknown' }])
})
