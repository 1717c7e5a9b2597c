import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { test, type Test } from 'tap'
import { WebSocketServer, type WebSocket } from 'ws'
import { examineSip, type Check } from '@switchhook/shared/doctor'
import { answerIn } from '../../shared/doctor/sip/options.ts'
import { makeAuthority, selfSigned } from '../kit/certificates/index.ts'
import { freePort } from '../kit/process.ts'
import { seeded } from '../kit/random.ts'
import { Kamailio, withoutKamailio } from '../kit/sip/kamailio.ts'

interface Pbx {
  readonly host: string
  readonly port: number
  /** Default: `/ws` alone. */
  readonly path?: string
  /** What it says to OPTIONS. */
  readonly answer?: (socket: WebSocket, message: string, raw: Duplex) => void
  readonly tls?: { readonly key: string; readonly cert: string }
}

let addresses = 1
/** An address of the loopback where nobody else listens on the usual ports. */
const ownAddress = (): string => `127.88.${process.pid % 250}.${addresses++}`

async function listening(t: Test, server: Server, { host, port }: Pbx): Promise<void> {
  server.listen(port, host)
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
}

/** A PBX as far as the handshake goes: 400 without `sip`, as Asterisk and Kamailio answer, and 404 beside its path. */
async function pbx(t: Test, setting: Pbx): Promise<void> {
  const { path = '/ws', tls, answer = () => {} } = setting
  const http: RequestListener = (_, response) => response.writeHead(426).end()
  const server = tls ? createTlsServer(tls, http) : createServer(http)
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'sip' })
  server.on('upgrade', (request, socket, head) => {
    const refuse = (status: string): void =>
      void socket.end(`HTTP/1.1 ${status}\r\nServer: Asterisk/22.10.1\r\n\r\n`)
    if (request.url !== path) return refuse('404 Not Found')
    if (request.headers['sec-websocket-protocol'] !== 'sip') return refuse('400 Bad Request')
    return sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('message', (data: Buffer) => answer(client, data.toString(), socket))
    })
  })
  await listening(t, server, setting)
}

function ok(agent: string): NonNullable<Pbx['answer']> {
  return (socket, message) => {
    const via = /^(?:Via|From|To|Call-ID|CSeq):.*$/gm
    const rows = [...message.matchAll(via)].map(([row]) => row)
    socket.send(['SIP/2.0 200 OK', ...rows, `Server: ${agent}`, '', ''].join('\r\n'))
  }
}

function examined(url: string, servername?: string): Promise<Check[]> {
  const names = servername === undefined ? {} : { servername }
  const usual = { url: new URL(url), allowPrivate: true, caFile: 'pbx.pem', now: Date.now }
  return Array.fromAsync(examineSip({ ...usual, ...names }))
}

test('the path that works stands first, and what was asked for says what to change', async (t) => {
  const host = ownAddress()
  const port = await freePort()
  await pbx(t, { host, port, answer: ok('Asterisk PBX 22.10.1') })
  const checks = await examined(`ws://${host}:${port}/`)
  t.match(checks, [
    {
      check: `ws://${host}:${port}/ws with 'sip'`,
      ok: true,
      message: "101, it speaks 'sip', Asterisk PBX 22.10.1; it answers OPTIONS with 200 OK",
      details: { sip: { status: 200, agent: 'Asterisk PBX 22.10.1' } },
    },
    {
      check: `ws://${host}:${port}/ with 'sip'`,
      ok: false,
      code: 'upstream_path_not_found',
      fix: `Use ws://${host}:${port}/ws, which works.`,
    },
    { check: `ws://${host}:${port}/ without 'sip'`, code: 'skipped' },
    { check: 'elsewhere', code: 'skipped', message: /nothing at .*:8089\/ws.*:7443.*:5066/ },
    { check: 'sessions', code: 'asterisk_session_limit', fix: /sessionlimit in http\.conf/ },
    { check: 'setting', ok: true },
  ])
  t.equal(
    checks.at(-1)?.details?.['setting'],
    `upstreams:\n  - name: pbx\n    targets: ["ws://${host}:${port}/ws"]\n    allowPrivate: true`,
    'what to write down for it',
  )
})

test('the setting has the path that works, also where nothing vouches for the certificate', async (t) => {
  const port = await freePort()
  const { key, cert } = await selfSigned()
  await pbx(t, { host: '127.0.0.1', port, path: '/', tls: { key, cert } })
  const checks = await examined(`wss://localhost:${port}/`)
  const settings = checks.filter(({ check }) => check === 'setting')
  t.equal(settings.length, 1)
  t.match(settings[0]?.details, { setting: `targets: ["wss://localhost:${port}/"]` })
})

test('what works is told with and without the subprotocol', async (t) => {
  const host = ownAddress()
  const port = await freePort()
  await pbx(t, { host, port, path: '/sip', answer: ok('kamailio (5.6.3)') })
  const checks = await examined(`ws://${host}:${port}/sip`)
  t.ok(checks.every((each) => each.ok))
  t.match(checks, [
    { check: `ws://${host}:${port}/sip with 'sip'`, message: /kamailio \(5\.6\.3\); it answers/ },
    {
      check: `ws://${host}:${port}/sip without 'sip'`,
      message: '400 Bad Request, as it should be: every client has to offer it',
    },
    { check: `ws://${host}:${port}/ws with 'sip'`, code: 'skipped', message: '404 Not Found' },
  ])
})

test('a wrong port or scheme leads to the usual ones', async (t) => {
  const host = ownAddress()
  await pbx(t, { host, port: 8088 })
  const checks = await examined(`wss://${host}:8088/ws`)
  t.match(checks[0], { check: `ws://${host}:8088/ws with 'sip'`, ok: true })
  t.match(checks[0]!.message, 'no answer to OPTIONS')
  t.match(checks[1], {
    check: `wss://${host}:8088/ws with 'sip'`,
    code: 'upstream_tls_failed',
    message: /does not speak TLS/,
    fix: `Use ws://${host}:8088/ws, which works.`,
  })
  const switched = ownAddress()
  await pbx(t, {
    host: switched,
    port: 7443,
    path: '/',
    tls: await selfSigned({ names: [switched] }),
  })
  const elsewhere = await examined(`wss://${switched}:8089/ws`)
  t.match(elsewhere[0], { check: `wss://${switched}:7443/ with 'sip'`, ok: true })
  t.match(elsewhere[1], { ok: false, code: 'upstream_unreachable' })
  t.match(elsewhere.at(-2), { check: 'trust', code: 'upstream_self_signed' })
})

test('trouble with a certificate is told, and the search goes on behind it', async (t) => {
  const host = ownAddress()
  const port = await freePort()
  const { key, chain } = await (await makeAuthority('Own')).issue({ names: ['pbx.example'] })
  await pbx(t, { host, port, tls: { key, cert: chain.join('') } })
  const checks = await examined(`wss://${host}:${port}/ws`, 'pbx.example')
  t.match(checks[0], { check: `wss://${host}:${port}/ws with 'sip'`, ok: true })
  t.match(
    checks.filter((each) => !each.ok),
    [{ check: 'trust', code: 'upstream_issuer_unknown', message: /Own Root/ }],
  )
  t.match(checks.at(-1), { check: 'setting', details: { trust: 'extraCa' } })
})

test('what answers something else is told by what it answers', async (t) => {
  const cases: readonly (readonly [string, object])[] = [
    ['200 OK', { code: 'upstream_not_websocket', message: /a web server answers/ }],
    ['302 Found\r\nLocation: https://x/ws', { code: 'upstream_redirected', fix: /https:\/\/x/ }],
    ['400 Bad Request', { code: 'upstream_bad_request', fix: /res_http_websocket/ }],
    ['401 Unauthorized', { code: 'upstream_forbidden' }],
    ['403 Forbidden', { code: 'upstream_forbidden', fix: /`origin`/ }],
    ['426 Upgrade Required', { code: 'upstream_not_websocket', fix: /proxy_set_header Upgrade/ }],
    ['418 \u001b[31mTeapot', { code: 'upstream_not_websocket' }],
    ['503 Service Unavailable', { code: 'upstream_failed' }],
    ['101 Switching Protocols', { code: 'upstream_not_websocket', message: /is to no WebSocket/ }],
    ['', { code: 'upstream_not_websocket', message: /not HTTP/ }],
  ]
  for (const [status, expected] of cases) {
    const host = ownAddress()
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(`HTTP/1.1 ${status}\r\n\r\n`, 'latin1'))
    })
    server.listen(0, host)
    await once(server, 'listening')
    t.teardown(() => server.close())
    const { port } = server.address() as { port: number }
    const checks = await examined(`ws://${host}:${port}/ws`)
    t.match(checks[0], { ok: false, ...expected }, status)
    t.notMatch(JSON.stringify(checks), '\\u001b', 'nothing that steers a terminal')
  }
  const [none] = await examined(`ws://${ownAddress()}:9/ws`)
  t.match(none, { code: 'upstream_unreachable' })
  const [unknown] = await examined('ws://nobody.invalid/ws')
  t.match(unknown, { code: 'upstream_unresolved' })
})

test('whatever is said over a socket ends the examination as usual', async (t) => {
  const random = seeded(3)
  const noise = (): Buffer =>
    Buffer.from(Array.from({ length: 40 }, () => Math.floor(random() * 256)))
  const odd: readonly NonNullable<Pbx['answer']>[] = [
    (socket, message) => socket.send(message),
    (socket) => socket.send('SIP/2.0 200 OK\r\n\r\n'),
    (socket) => socket.send(noise()),
    (socket) => socket.close(4000, 'no'),
    (socket) => socket.terminate(),
    (_socket, _message, raw) => raw.write(noise()),
    (socket) => Array.from({ length: 300 }).forEach(() => socket.send('x')),
    (socket, message, raw) => {
      socket.ping()
      ok('\u001b[2J')(socket, message, raw)
    },
  ]
  for (const answer of odd) {
    const host = ownAddress()
    const port = await freePort()
    await pbx(t, { host, port, answer })
    const [first] = await examined(`ws://${host}:${port}/ws`)
    t.match(first, { ok: true, code: 'ok' })
    t.notMatch(first!.message, '\u001b')
  }
})

test('an answer is read as far as it says who gives it', async (t) => {
  t.same(answerIn('SIP/2.0 405 No\r\nuser-agent : x\r\n\r\nServer: body'), {
    status: 405,
    reason: 'No',
    agent: 'x',
  })
  t.equal(answerIn('SIP/2.0 100 Trying\r\n\r\n'), null)
  t.equal(answerIn('OPTIONS sip:x SIP/2.0\r\n\r\n'), null)
  t.equal(answerIn(''), null)
})

test(
  'a real registrar is recognised, plain and behind TLS',
  { skip: withoutKamailio },
  async (t) => {
    const kamailio = await Kamailio.start(t)
    const plain = await examined(kamailio.ws)
    t.match(plain.slice(0, 2), [
      {
        check: `${kamailio.ws} with 'sip'`,
        ok: true,
        message: /101, it speaks 'sip'.*OPTIONS with/,
      },
      { check: `${kamailio.ws} without 'sip'`, message: /^400 .*as it should be/ },
    ])
    t.notOk(plain.some(({ check }) => check === 'sessions'))
    const secure = await examined(kamailio.wss)
    t.match(secure[0], { check: `${kamailio.wss} with 'sip'`, ok: true, message: /kamailio/i })
    t.match(
      secure.filter(({ ok }) => !ok),
      [{ check: 'trust', code: 'upstream_issuer_unknown' }],
    )
  },
)
