import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import health from '@switchhook/plugins/health'
import problem from '@switchhook/plugins/problem'
import websocket from '@switchhook/plugins/websocket'
import { CodedError } from '@switchhook/shared/errors'
import { exchange, handshake, readFrames, text, type Answer } from '../kit/raw-websocket.ts'
import { until } from '../kit/until.ts'

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

/** A server with a route that answers its handshakes by itself, and a usual one beside it. */
async function start(t: Test, handler: Handler, whenItStops = async (): Promise<void> => {}) {
  const app = Fastify()
  await app.register(problem)
  await app.register(health, { version: '0', environment: 'test' })
  await app.register(websocket)
  app.get('/tunnel', { config: { subprotocols: ['sip'], tunnel: true } }, handler)
  app.get('/ws', { websocket: true, config: { subprotocols: ['chat'] } }, (socket) => {
    socket.close(1000)
  })
  // Registered behind that of the health, so that it comes after it.
  app.addHook('preClose', whenItStops)
  t.teardown(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const ask = (headers: Record<string, string | null> = {}, behind = ''): Promise<Answer> => {
    const request = handshake({ target: '/tunnel', headers })
    return exchange(url, { opening: [Buffer.concat([request, Buffer.from(behind)])] })
  }
  return { app, url, ask }
}

const takes =
  (then: (upgrade: ReturnType<FastifyInstance['upgradeOf']>) => void): Handler =>
  async (request, reply) => {
    const upgrade = request.server.upgradeOf(request)
    request.server.takeUpgrade(request, reply)
    then(upgrade)
  }

t.test('a tunnel that takes the upgrade writes all that the client hears', async (t) => {
  const { ask } = await start(
    t,
    takes(({ socket }) => void socket.end('HTTP/1.1 299 As I like it\r\n\r\nanything')),
  )
  const { status, body, end } = await ask()
  t.equal(status, 299)
  t.equal(body.toString(), 'anything')
  t.equal(end, 'end')
})

t.test('what came behind the handshake is handed over', async (t) => {
  const { ask } = await start(
    t,
    takes(({ socket, head }) => void socket.end(`HTTP/1.1 200 OK\r\n\r\n${head.toString()}`)),
  )
  t.equal((await ask({}, 'first frames')).body.toString(), 'first frames')
  t.equal((await ask()).body.length, 0)
})

t.test('nothing ends the connection but the route', async (t) => {
  const { ask } = await start(
    t,
    takes(({ socket }) => {
      // After whatever a reply would have done.
      setImmediate(() => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        socket.once('data', (chunk: Buffer) => socket.end(chunk))
        socket.unshift(Buffer.from('still there'))
      })
    }),
  )
  t.equal((await ask()).body.toString(), 'still there')
})

t.test(
  'until it takes the upgrade, what it throws is answered, and the connection ended',
  async (t) => {
    const { ask } = await start(t, async () => {
      await Promise.resolve()
      throw new CodedError('upstream_timeout', { args: ['pbx', 'TLS', 5_000] })
    })
    const { status, headers, body } = await ask()
    t.equal(status, 504)
    t.match(headers.get('content-type'), 'application/problem+json')
    t.match(JSON.parse(body.toString()), { code: 'upstream_timeout' })
  },
)

t.test('the subprotocol is the business of the tunnel, as long as it is a list', async (t) => {
  const { ask } = await start(
    t,
    takes(({ socket }) => void socket.end('HTTP/1.1 200 OK\r\n\r\n')),
  )
  for (const offered of ['sip', 'SIP', 'chat', 'bearer.x', null]) {
    t.equal((await ask({ 'Sec-WebSocket-Protocol': offered })).status, 200, String(offered))
  }
  for (const offered of ['', 'sip sip', 'sip, sip', 'sip,,chat', '"sip"']) {
    t.equal((await ask({ 'Sec-WebSocket-Protocol': offered })).status, 400, offered)
  }
})

t.test('everything else of a handshake is checked before the tunnel hears of it', async (t) => {
  let heard = 0
  const { url, ask } = await start(t, () => {
    heard += 1
    return 'a plain answer'
  })
  t.equal((await ask({ 'Sec-WebSocket-Version': '12' })).status, 426)
  t.equal((await ask({ 'Sec-WebSocket-Key': null })).status, 400)
  t.equal((await ask({ Host: null })).status, 400)
  t.equal((await fetch(`${url}/tunnel`)).status, 426)
  t.equal((await fetch(`${url}/tunnel`, { method: 'HEAD' })).status, 426)
  t.equal(heard, 0)
})

t.test('a route without a tunnel goes on as it was', async (t) => {
  const { url } = await start(t, () => {})
  const opening = [handshake({ headers: { 'Sec-WebSocket-Protocol': 'chat' } })]
  const answer = await exchange(url, { opening, next: [text('hello')], finally: 'end' })
  t.equal(answer.status, 101)
  t.equal(answer.headers.get('sec-websocket-protocol'), 'chat')
  t.equal(readFrames(answer.body)[0]?.opcode, 8)
  const refused = [handshake({ headers: { 'Sec-WebSocket-Protocol': 'sip' } })]
  t.equal((await exchange(url, { opening: refused })).status, 400)
})

t.test('a client that is cut off while the tunnel has it brings nothing down', async (t) => {
  const taken = Promise.withResolvers<Socket>()
  const { url } = await start(
    t,
    takes(({ socket }) => taken.resolve(socket)),
  )
  const client = connect({ port: Number(new URL(url).port), host: '127.0.0.1' })
  client.write(handshake({ target: '/tunnel' }))
  const socket = await taken.promise
  client.resetAndDestroy()
  socket.resume()
  await until(() => socket.closed)
  t.ok(socket.destroyed)
})

t.test('while the process stops no tunnel is opened', async (t) => {
  const stopping = Promise.withResolvers<Answer>()
  const { app, ask } = await start(
    t,
    () => 'no',
    async () => stopping.resolve(await ask()),
  )
  await app.close()
  t.equal((await stopping.promise).status, 503)
})
