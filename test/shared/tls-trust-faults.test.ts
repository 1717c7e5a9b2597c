import { getEventListeners, once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import t, { type Test } from 'tap'
import { secure, type Trust } from '@switchhook/shared/tls-trust'
import { makeAuthority, selfSigned, serveTls } from '../kit/certificates/index.ts'
import { until } from '../kit/until.ts'
import { attempt, refusalOf } from './tls-trust-attempt.ts'

const own = await makeAuthority('Own')
const mine = await own.issue({ names: ['pbx.example.com', 'localhost', '127.0.0.1'] })
const trusts: readonly Trust[] = [
  { trust: 'system' },
  { trust: 'extraCa', ca: [own.root] },
  { trust: 'pin', pins: [`sha256/${Buffer.alloc(32).toString('base64')}`] },
  { trust: 'insecure' },
]

interface Plain {
  readonly port: number
  readonly sockets: ReadonlySet<Socket>
}

async function plainServer(t: Test, answer: (socket: Socket) => void): Promise<Plain> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    answer(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, sockets }
}

const reasonOf = async (server: { port: number }, trust: Trust): Promise<string> => {
  const error = await refusalOf(server, trust)
  return `${error?.code} ${error?.message.replace(String(server.port), 'PORT')}`
}

t.test('a port without TLS is told from one that hangs up, whatever the trust', async (t) => {
  const said = 'upstream_tls_failed localhost:PORT does not agree on TLS: '
  const http = await plainServer(t, (socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  )
  const banner = await plainServer(t, (socket) => socket.write('220 mail.example.com ESMTP\r\n'))
  const ending = await plainServer(t, (socket) => socket.once('data', () => socket.end()))
  const resetting = await plainServer(t, (socket) =>
    socket.once('data', () => socket.resetAndDestroy()),
  )
  for (const trust of trusts) {
    for (const server of [http, banner]) {
      t.match(await reasonOf(server, trust), `${said}what answers there does not speak TLS (`)
    }
    for (const server of [ending, resetting]) {
      t.match(await reasonOf(server, trust), `${said}it closes the connection during the handshake`)
    }
  }
})

t.test('a handshake that stands still ends at the deadline, and its socket with it', async (t) => {
  const server = await plainServer(t, (socket) => socket.resume())
  for (const trust of trusts) {
    const error = await refusalOf(server, trust, { timeoutMs: 50 })
    t.equal(error?.code, 'upstream_timeout')
    t.match(
      error?.message,
      /^localhost:\d+ does not answer: the TLS handshake took longer than 50 ms$/,
    )
  }
  await until(() => server.sockets.size === 0)
})

t.test('a handshake that nobody wants any more ends with the reason why', async (t) => {
  const server = await plainServer(t, (socket) => socket.resume())
  const gone = new AbortController()
  const attempted = attempt(server, { trust: 'system' }, { signal: gone.signal })
  await until(() => server.sockets.size === 1)
  gone.abort(new Error('the browser is gone'))
  await t.rejects(attempted, { message: 'the browser is gone' })
  await t.rejects(attempt(server, { trust: 'system' }, { signal: gone.signal }), {
    message: 'the browser is gone',
  })
  await until(() => server.sockets.size === 0)
})

t.test('a socket that is gone already is no connection', async (t) => {
  const server = await plainServer(t, (socket) => socket.resume())
  const socket = connect(server.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
  await t.rejects(
    secure(socket, { servername: 'localhost', trust: { trust: 'insecure' }, timeoutMs: 9_999 }),
    { code: 'upstream_tls_failed' },
  )
})

t.test('what a server does not agree on is said', async (t) => {
  const trust: Trust = { trust: 'insecure' }
  const old = await serveTls(t, mine, {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT:@SECLEVEL=0',
  })
  t.match(await reasonOf(old, trust), 'it speaks no TLS 1.2 or later (')
  const strange = await serveTls(t, mine, {
    maxVersion: 'TLSv1.2',
    ciphers: 'PSK-AES128-CBC-SHA256',
  })
  t.match(
    await reasonOf(strange, trust),
    'it refuses: no cipher in common, or it asks for a certificate of ours (',
  )
  const other = await serveTls(t, mine, { ALPNProtocols: ['h2'] })
  t.match(await reasonOf(other, trust), 'it does not speak HTTP/1.1 (')
  const asking = await serveTls(t, mine, {
    requestCert: true,
    rejectUnauthorized: true,
    maxVersion: 'TLSv1.2',
  })
  t.match(await reasonOf(asking, trust), 'or it asks for a certificate of ours (')
})

t.test('the server name that is set is asked for, an address never', async (t) => {
  const server = await serveTls(t, mine)
  const trust: Trust = { trust: 'extraCa', ca: [own.root] }
  for (const servername of ['pbx.example.com', 'pbx.example.com.', '127.0.0.1']) {
    t.equal(await attempt(server, trust, { servername }), 'trusted')
  }
  t.strictSame(server.names, ['pbx.example.com', 'pbx.example.com', false])
  for (const servername of ['x.example.com', 'pbx.example.com.evil.com', '127.0.0.2', '::1']) {
    t.equal(await attempt(server, trust, { servername }), 'upstream_name_mismatch')
  }
})

t.test('a certificate without alternative names is for its common name', async (t) => {
  const identity = await selfSigned({ names: [], commonName: 'localhost' })
  const server = await serveTls(t, identity)
  const trust: Trust = { trust: 'extraCa', ca: [identity.cert] }
  t.equal(await attempt(server, trust), 'trusted')
  t.equal(await attempt(server, trust, { servername: 'x.example.com' }), 'upstream_name_mismatch')
})

t.test('whoever gets the socket is alone with it', async (t) => {
  const server = await serveTls(t, mine)
  const connected = async (): Promise<Socket> => {
    const socket = connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    return socket
  }
  const { signal } = new AbortController()
  const trust: Trust = { trust: 'extraCa', ca: [own.root] }
  const options = { servername: 'localhost', trust, timeoutMs: 9_999, signal }
  const secured = await secure(await connected(), options)
  const untouched = tlsConnect({ socket: await connected(), rejectUnauthorized: false })
  await once(untouched, 'secureConnect')
  for (const event of ['secureConnect', 'error', 'close']) {
    t.equal(secured.listenerCount(event), untouched.listenerCount(event), event)
  }
  t.strictSame(getEventListeners(signal, 'abort'), [])
  secured.write('ping')
  t.equal(String((await once(secured, 'data'))[0]), 'ping')
  secured.destroy()
  untouched.destroy()
})

t.test('TLS 1.2 will do', async (t) => {
  const server = await serveTls(t, mine, { maxVersion: 'TLSv1.2' })
  t.equal(await attempt(server, { trust: 'extraCa', ca: [own.root] }), 'trusted')
  t.equal(await attempt(server, { trust: 'system' }), 'upstream_issuer_unknown')
})

t.test('no session is taken up again that another trust has begun', async (t) => {
  const server = await serveTls(t, mine)
  t.equal(await attempt(server, { trust: 'insecure' }), 'trusted')
  t.equal(await attempt(server, { trust: 'system' }), 'upstream_issuer_unknown')
  t.equal(await attempt(server, { trust: 'insecure' }), 'trusted')
})
