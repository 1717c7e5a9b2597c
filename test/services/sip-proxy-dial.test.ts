import t, { type Test } from 'tap'
import { CodedError } from '@switchhook/shared/errors'
import { dial } from '../../services/sip-proxy/dial/index.ts'
import {
  fakeUpstream,
  scripts,
  switching,
  type FakeUpstream,
  type Script,
} from '../kit/sip/fake-upstream.ts'
import { freePort } from '../kit/process.ts'
import type { Target, Upstream } from '../../services/sip-proxy/upstreams/contract.ts'

const upstream: Upstream = {
  name: 'pbx',
  auth: 'optional',
  missingOrigin: 'allow',
  allowPrivate: true,
  trust: { trust: 'system' },
  servername: null,
  origin: null,
  maxSockets: 10,
  contactHost: null,
  app: null,
}

const targetAt = (port: number, path = '/ws'): Target => ({
  url: `ws://127.0.0.1:${port}${path}`,
  secure: false,
  host: '127.0.0.1',
  port,
  path,
})

const usual = { timeoutMs: 10_000, userAgent: undefined }

/** What a dial fails with. */
async function failure(dialled: Promise<unknown>): Promise<CodedError> {
  try {
    await dialled
  } catch (error) {
    if (error instanceof CodedError) return error
    throw error
  }
  throw new Error('it did not fail')
}

async function dialled(t: Test, script: Script) {
  const fake = await fakeUpstream(t, script)
  const wire = await dial(targetAt(fake.port), upstream, usual)
  t.teardown(() => wire.socket.destroy())
  return { fake, wire }
}

t.test('a PBX is asked for sip with a handshake of our own', async (t) => {
  const fake = await fakeUpstream(t)
  const { port } = fake
  const wire = await dial(targetAt(port, '/ws?tenant=1'), upstream, {
    ...usual,
    userAgent: 'Mozilla/5.0 (X11)',
  })
  t.teardown(() => wire.socket.destroy())
  const { line, headers } = await fake.handshake()
  t.equal(line, 'GET /ws?tenant=1 HTTP/1.1')
  t.match(headers.get('sec-websocket-key'), /^[\w+/]{22}==$/)
  headers.delete('sec-websocket-key')
  t.strictSame(Object.fromEntries(headers), {
    connection: 'Upgrade',
    host: `127.0.0.1:${port}`,
    'sec-websocket-protocol': 'sip',
    'sec-websocket-version': '13',
    upgrade: 'websocket',
    'user-agent': 'Mozilla/5.0 (X11)',
  })
})

t.test('each handshake has a key of its own', async (t) => {
  const fake = await fakeUpstream(t)
  for (const number of [1, 2]) {
    const { socket } = await dial(targetAt(fake.port), upstream, usual)
    socket.destroy()
    await fake.handshake(number)
  }
  const [one, two] = fake.asked.map(({ headers }) => headers.get('sec-websocket-key'))
  t.not(one, two)
})

t.test('an Origin is said only where the upstream has one', async (t) => {
  const fake = await fakeUpstream(t)
  const origin = 'https://pbx.example'
  const { socket } = await dial(targetAt(fake.port), { ...upstream, origin }, usual)
  socket.destroy()
  const { headers } = await fake.handshake()
  t.equal(headers.get('origin'), origin)
  t.notOk(headers.has('user-agent'), 'nor is a client named that does not say what it is')
})

t.test('nothing a client says it is begins another header', async (t) => {
  const hostile = [
    'agent\r\nX-Evil: 1',
    'agent\nX-Evil: 1',
    'agent\r\n\r\nGET /admin HTTP/1.1\r\nHost: evil',
    'agent\u0000\u0085\u2028X-Evil: 1',
    ' \t ',
    'A'.repeat(100_000),
  ]
  const fake = await fakeUpstream(t)
  for (const [index, userAgent] of hostile.entries()) {
    const { socket } = await dial(targetAt(fake.port), upstream, { ...usual, userAgent })
    socket.destroy()
    const { head, headers } = await fake.handshake(index + 1)
    t.notOk(headers.has('x-evil'), `the ${index + 1}. name`)
    t.match(head, /^[\x20-\x7e\r\n]+$/)
    t.ok(head.length < 600)
    t.equal(headers.get('host'), `127.0.0.1:${fake.port}`)
  }
  t.equal(fake.asked.length, hostile.length)
})

t.test('an Origin or a path with control octets is not sent at all', async (t) => {
  const fake = await fakeUpstream(t)
  const origin = 'https://pbx.example\r\nX-Evil: 1'
  await t.rejects(dial(targetAt(fake.port), { ...upstream, origin }, usual), TypeError)
  for (const path of ['/ws\r\nX-Evil: 1', '/ws HTTP/1.1', '/\u00e4']) {
    await t.rejects(dial({ ...targetAt(fake.port), path }, upstream, usual), TypeError, path)
  }
  await fake.deserted()
  t.equal(fake.asked.length, 0)
})

t.test('a 101 for sip is an answer, however it is written', async (t) => {
  const good = ['ok', 'okWithSpace', 'okInUpperCase', 'octetByOctet'] as const
  for (const name of good) {
    const { wire } = await dialled(t, scripts[name])
    t.equal(wire.head.length, 0, name)
  }
})

t.test('what comes behind the 101 is kept', async (t) => {
  const { wire } = await dialled(t, (asked) => {
    asked.socket.write(`${switching(asked)}first frames`)
  })
  t.equal(wire.head.toString(), 'first frames')
})

t.test('the socket is handed over paused, with nobody who listens or waits', async (t) => {
  const { fake, wire } = await dialled(t, scripts.ok)
  t.ok(wire.socket.isPaused())
  for (const event of ['data', 'error', 'timeout', 'readable']) {
    t.equal(wire.socket.listenerCount(event), 0, event)
  }
  const { socket } = await fake.handshake()
  const heard = new Promise((resolve) => wire.socket.once('data', resolve))
  socket.write('a frame')
  wire.socket.resume()
  t.equal(String(await heard), 'a frame')
})

/** What each answer is called, and what its message says. */
const refusals: readonly (readonly [keyof typeof scripts, string, RegExp])[] = [
  ['badRequest', 'upstream_bad_request', /answers 400/],
  ['unauthorized', 'upstream_forbidden', /401 Unauthorized/],
  ['forbidden', 'upstream_forbidden', /403 Forbidden/],
  ['proxyLogin', 'upstream_forbidden', /407 Proxy/],
  ['notFound', 'upstream_path_not_found', /answers 404/],
  ['redirect', 'upstream_redirected', /redirects to https:\/\/other\.example\/ws;/],
  ['redirectNowhere', 'upstream_redirected', /redirects to nowhere;/],
  ['upgradeRequired', 'upstream_failed', /426 Upgrade Required/],
  ['failed', 'upstream_failed', /500 Internal Server Error/],
  ['unavailable', 'upstream_failed', /503 Service Unavailable/],
  ['ok200', 'upstream_not_websocket', /it answers 200 OK/],
  ['garbage', 'upstream_not_websocket', /not HTTP/],
  ['folded', 'upstream_not_websocket', /not HTTP/],
  ['headerFlood', 'upstream_not_websocket', /no end/],
  ['noUpgrade', 'upstream_not_websocket', /to no WebSocket/],
  ['noConnection', 'upstream_not_websocket', /does not upgrade/],
  ['wrongAccept', 'upstream_not_websocket', /our key/],
  ['noAccept', 'upstream_not_websocket', /our key/],
  ['extension', 'upstream_not_websocket', /extension/],
  ['noProtocol', 'upstream_not_websocket', /chooses no subprotocol/],
  ['otherProtocol', 'upstream_not_websocket', /subprotocol nobody offered/],
  ['twoProtocols', 'upstream_not_websocket', /subprotocol nobody offered/],
  ['reset', 'upstream_unreachable', /cannot be reached/],
  ['close', 'upstream_not_websocket', /without an answer/],
]

for (const [script, code, message] of refusals) {
  t.test(`the answer '${script}' is ${code}, and leaves no connection`, async (t) => {
    const fake = await fakeUpstream(t, scripts[script])
    const error = await failure(dial(targetAt(fake.port), upstream, usual))
    t.equal(error.code, code)
    t.match(error.message, message)
    t.match(error.message, `127.0.0.1:${fake.port}`)
    t.notMatch(error.message, /secret|pass/)
    await fake.deserted()
    t.equal(fake.connections, 1, 'nothing is tried again, and no redirect followed')
  })
}

t.test('nobody listens: upstream_unreachable', async (t) => {
  const error = await failure(dial(targetAt(await freePort()), upstream, usual))
  t.equal(error.code, 'upstream_unreachable')
})

for (const script of ['slow', 'slowHalfway', 'bareLineFeed'] as const) {
  t.test(`the answer '${script}' is upstream_timeout`, async (t) => {
    const fake = await fakeUpstream(t, scripts[script])
    const error = await failure(dial(targetAt(fake.port), upstream, { ...usual, timeoutMs: 100 }))
    t.equal(error.code, 'upstream_timeout')
    await fake.deserted()
  })
}

t.test('an address that is not public is dialled only where it is allowed', async (t) => {
  const fake = await fakeUpstream(t)
  const closed = { ...upstream, allowPrivate: false }
  const error = await failure(dial(targetAt(fake.port), closed, usual))
  t.equal(error.code, 'upstream_private')
  t.equal(fake.connections, 0)
})

const giveUps: readonly (readonly [string, (fake: FakeUpstream, abort: () => void) => unknown])[] =
  [
    ['before it begins', (_fake, abort) => abort()],
    ['while it connects', (_fake, abort) => setImmediate(abort)],
    ['while it waits for the answer', (fake, abort) => void fake.handshake().then(abort)],
  ]

for (const [when, giveUp] of giveUps) {
  t.test(`given up ${when}, it ends at once`, async (t) => {
    const fake = await fakeUpstream(t, scripts.slow)
    const client = new AbortController()
    const reason = new Error('the client has gone')
    const waiting = dial(targetAt(fake.port), upstream, { ...usual, signal: client.signal })
    giveUp(fake, () => client.abort(reason))
    await t.rejects(waiting)
    await fake.deserted()
  })
}
