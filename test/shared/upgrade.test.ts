import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type Test } from 'tap'
import { WebSocketServer } from 'ws'
import { CodedError } from '@switchhook/shared/errors'
import { upgrade, type UpgradeOptions } from '@switchhook/shared/upgrade'
import { acceptOf } from '../kit/raw-websocket.ts'
import { seeded } from '../kit/random.ts'

const usual: UpgradeOptions = {
  host: 'pbx.example:8088',
  path: '/ws?x=1',
  protocols: ['sip'],
  timeoutMs: 10_000,
}

/** A connection to a server that does this with every request. */
async function connected(
  t: Test,
  answer: (request: string, socket: Socket) => void,
): Promise<Socket> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (request) => answer(String(request), socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  t.teardown(() => {
    socket.destroy()
    server.close()
  })
  return socket
}

/** What comes of it when the server says this. */
async function answered(t: Test, text: string | Buffer, given: Partial<UpgradeOptions> = {}) {
  const socket = await connected(t, (request, peer) => peer.end(filledIn(text, request)))
  return upgrade(socket, { ...usual, ...given })
}

function filledIn(text: string | Buffer, request: string): string | Buffer {
  if (typeof text !== 'string') return text
  const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(request)?.[1] ?? ''
  return text.replaceAll('\n', '\r\n').replace('ACCEPT', acceptOf(key))
}

const good =
  'HTTP/1.1 101 Switching Protocols\nUpgrade: WebSocket\nConnection: keep-alive, Upgrade\n'
const accepted = `${good}Sec-WebSocket-Accept: ACCEPT\n`

async function refusedWith(t: Test, text: string | Buffer, message: RegExp): Promise<void> {
  await t.rejects(answered(t, text), { code: 'upstream_not_websocket', message })
}

test('a request is that of RFC 6455, and a 101 is taken with what came behind it', async (t) => {
  let asked = ''
  const socket = await connected(t, (request, peer) => {
    asked = request
    peer.write(filledIn(`${accepted}Sec-WebSocket-Protocol:  SIP \n\n`, request))
    peer.write('first')
    peer.write('second')
  })
  const headers = { Origin: 'https://calls.example' }
  const answer = await upgrade(socket, { ...usual, headers })
  t.match(asked, /^GET \/ws\?x=1 HTTP\/1\.1\r\nHost: pbx\.example:8088\r\n/)
  t.match(asked, '\r\nSec-WebSocket-Protocol: sip\r\nOrigin: https://calls.example\r\n\r\n')
  t.match(answer, { status: 101, protocol: 'sip', reason: 'Switching Protocols' })
  t.ok(socket.isPaused())
  let heard = String(answer.head)
  socket.on('data', (chunk) => (heard += String(chunk))).resume()
  while (heard !== 'firstsecond') await once(socket, 'data')
})

test('a real server of the protocol is understood, chosen subprotocol and none', async (t) => {
  const http = createHttpServer().listen(0, '127.0.0.1')
  const server = new WebSocketServer({ server: http })
  await once(http, 'listening')
  t.teardown(() => http.close())
  const { port } = http.address() as AddressInfo
  for (const [protocols, protocol] of [
    [['sip'], 'sip'],
    [[], null],
  ] as const) {
    const socket = connect(port, '127.0.0.1')
    t.match(await upgrade(socket, { ...usual, protocols }), { status: 101, protocol })
    socket.destroy()
  }
  server.close()
})

test('every other status is an answer too, with the beginning of its body', async (t) => {
  const refused = await answered(
    t,
    'HTTP/1.1 400 Bad Request\nServer: Asterisk\nserver: again\n\nNo protocol',
  )
  t.match(refused, { status: 400, reason: 'Bad Request', protocol: null })
  t.equal(refused.headers.get('server'), 'Asterisk, again')
  t.equal(String(refused.head), 'No protocol')
  t.match(await answered(t, 'HTTP/1.0 404\n\n'), { status: 404, reason: '' })
})

test('a 101 without all that the RFC demands is none', async (t) => {
  await refusedWith(t, 'HTTP/1.1 101 OK\nUpgrade: h2c\n\n', /is to no WebSocket/)
  await refusedWith(t, 'HTTP/1.1 101 OK\nUpgrade: websocket\n\n', /does not upgrade/)
  await refusedWith(t, `${good}Sec-WebSocket-Accept: x\n\n`, /does not answer our key/)
  await refusedWith(t, `${good}\n`, /does not answer our key/)
  await refusedWith(t, `${accepted}Sec-WebSocket-Extensions: x\n\n`, /extension nobody offered/)
  await refusedWith(t, `${accepted}Sec-WebSocket-Protocol: chat\n\n`, /chose a subprotocol/)
})

test('what is no HTTP, or never ends, is told as that', async (t) => {
  const notHttp = /what it answers is not HTTP/
  for (const text of [
    'SSH-2.0-OpenSSH_9.2\n',
    'HTTP/2 200\n\n',
    'HTTP/1.1 99 X\n\n',
    'HTTP/1.1 200 OK\n folded: x\n\n',
    'HTTP/1.1 200 OK\nname : x\n\n',
    'HTTP/1.1 200 OK\nno colon\n\n',
    'HTTP/1.1 200 OK\na: b\u0000\n\n',
    'HTTP/1.1 200 OK\n: x\n\n',
  ]) {
    await refusedWith(t, text, notHttp)
  }
  await refusedWith(t, Buffer.from('HTTP/1.1 200 OK\r\na: b\nc: d\r\n\r\n'), notHttp)
  await refusedWith(t, Buffer.from([0x15, 3, 1, 0, 2, 2, 0x46]), notHttp)
  await refusedWith(t, `HTTP/1.1 200 OK\nA: ${'x'.repeat(17_000)}`, /has no end/)
  await refusedWith(t, '', /closes the connection without an answer/)
})

test('a mute server, a reset and a caller who gives up each end it', async (t) => {
  const mute = await connected(t, () => {})
  await t.rejects(upgrade(mute, { ...usual, timeoutMs: 20 }), { code: 'upstream_timeout' })
  t.ok(mute.destroyed)
  const reset = await connected(t, (_, peer) => peer.resetAndDestroy())
  await t.rejects(upgrade(reset, usual), { code: 'upstream_unreachable' })
  const left = await connected(t, () => leaving.abort(new Error('left')))
  const leaving = new AbortController()
  await t.rejects(upgrade(left, { ...usual, signal: leaving.signal }), { message: 'left' })
  await t.rejects(upgrade(left, usual), { code: 'upstream_not_websocket' })
})

test('nothing can be smuggled into the request', async (t) => {
  for (const wrong of [
    { path: '/ws\r\nX: y' },
    { path: '/ws HTTP/1.1' },
    { headers: { Origin: 'a\nX: y' } },
    { host: 'pbx\r\n' },
  ]) {
    const socket = await connected(t, () => t.fail('something was sent'))
    await t.rejects(upgrade(socket, { ...usual, ...wrong }), TypeError)
  }
})

test('any octets at all are an answer or a coded error', async (t) => {
  const random = seeded(7)
  const alphabet = ['HTTP/1.1 ', '101', ' ', '\r\n', '\n', ':', 'a', '\u0000', '\u00ff', 'Upgrade']
  for (let round = 0; round < 200; round++) {
    const parts = Array.from({ length: 12 }, () => alphabet[Math.floor(random() * alphabet.length)])
    const text = Buffer.from(`${round % 2 ? 'HTTP/1.1 200 ' : ''}${parts.join('')}`, 'latin1')
    await answered(t, text).catch((error: unknown) => t.type(error, CodedError))
  }
})
