import { connect as connectTcp } from 'node:net'
import { WebSocket } from 'ws'
import t from 'tap'
import { build, jwtSecret } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { sampleDelivery, sampleEvent } from '../kit/sample.ts'
import { signToken } from '../kit/token.ts'
import type { FastifyInstance } from 'fastify'

/** The HTTP answer to a refused handshake. */
function refused(url: string, protocols: string[] = [], protocolVersion = 13): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace('http', 'ws'), protocols, { protocolVersion })
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode!))
    socket.on('open', () => reject(new Error('it was accepted')))
    socket.on('error', reject)
  })
}

/** What the server answers to a handshake, as text. */
async function rawUpgrade(
  url: string,
  extra: Record<string, string>,
  path = '/ws',
): Promise<string> {
  const headers = { connection: 'Upgrade', upgrade: 'websocket', ...extra }
  const socket = connectTcp(Number(new URL(url).port), '127.0.0.1')
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: x\r\n${lines.join('')}` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer
}

/** Commits and announces events of about 50 kB each. */
async function appendLarge(app: FastifyInstance, count: number): Promise<void> {
  const { id } = app.directory.firstApp
  const batch = Array.from({ length: count }, () => ({
    ...sampleDelivery(id),
    events: [{ ...sampleEvent(), details: { text: 'x'.repeat(50_000) } }],
  }))
  for (const appended of await app.journal.append(batch)) {
    if (appended.status === 'accepted') app.bus.publish(id, appended.rows)
  }
}

t.test('a missing, wrong or expired token is closed 1008 with the reason', async (t) => {
  const { url } = await build(t)
  const reasonFor = async (token?: string) => {
    const client = await connect(url, token === undefined ? {} : { token })
    return client.closed
  }
  t.strictSame(await reasonFor(), { code: 1008, reason: 'auth_missing' })
  t.strictSame(await reasonFor('nonsense'), { code: 1008, reason: 'auth_invalid' })
  const foreign = await signToken('another secret of more than thirty-two characters')
  t.strictSame(await reasonFor(foreign), { code: 1008, reason: 'auth_invalid' })
  const expired = await signToken(jwtSecret, {}, { expires: 1_000 })
  t.strictSame(await reasonFor(expired), { code: 1008, reason: 'auth_expired' })
  const endless = await signToken(jwtSecret, {}, { expires: null })
  t.strictSame(await reasonFor(endless), { code: 1008, reason: 'auth_invalid' }, 'exp is required')
  const nobody = await signToken(jwtSecret, { sub: undefined })
  t.strictSame(await reasonFor(nobody), { code: 1008, reason: 'auth_invalid' }, 'sub is required')
  const other = await signToken(jwtSecret, {}, { algorithm: 'HS512' })
  t.strictSame(await reasonFor(other), { code: 1008, reason: 'auth_invalid' }, 'one algorithm')
  const stranger = await signToken(jwtSecret, { app: '00000000-0000-4000-8000-000000000000' })
  t.strictSame(await reasonFor(stranger), { code: 1008, reason: 'auth_invalid' }, 'a foreign app')
})

t.test('after ten explained refusals an address gets the status', async (t) => {
  const { url } = await build(t)
  for (let count = 0; count < 10; count += 1) await (await connect(url)).closed
  t.equal(await refused(`${url}/ws`), 401)
})

t.test('a token comes by header, subprotocol or query', async (t) => {
  const { url, token } = await build(t)
  const byHeader = await connect(url, { headers: { authorization: `Bearer ${token}` } })
  t.equal((await byHeader.next()).event, 'connected')
  const bySubprotocol = await connect(url, { token, modern: true })
  t.equal(bySubprotocol.socket.protocol, 'switchhook.v1', 'the token is not echoed')
  t.match(await bySubprotocol.next(), {
    event: 'connected',
    data: { proto: 'switchhook.v1', head: /^[0-9a-f]+:0$/, hb: 20, resume: true },
  })
  await byHeader.close()
  await bySubprotocol.close()
})

t.test('both live secrets are accepted while they rotate', async (t) => {
  const older = 'an older test secret of thirty-two characters'
  const { url } = await build(t, { environment: { JWT_SECRET: `${jwtSecret},${older}` } })
  for (const secret of [jwtSecret, older]) {
    const client = await connect(url, { token: await signToken(secret) })
    t.equal((await client.next()).event, 'connected')
    await client.close()
  }
})

t.test('issuer and audience are required once they are set', async (t) => {
  const { url } = await build(t, {
    environment: { JWT_ISSUER: 'https://id.example', JWT_AUDIENCE: 'calls' },
  })
  const answer = async (claims: Record<string, unknown>) => {
    const client = await connect(url, { token: await signToken(jwtSecret, claims) })
    const first = await Promise.race([client.closed, client.next().catch(() => client.closed)])
    client.socket.terminate()
    return 'event' in first ? first.event : first.reason
  }
  t.equal(await answer({}), 'auth_invalid')
  t.equal(await answer({ iss: 'https://id.example' }), 'auth_invalid')
  t.equal(await answer({ iss: 'https://id.example', aud: 'calls' }), 'connected')
})

t.test('malformed messages are answered and ignored; ten in a minute end the socket', async (t) => {
  const { url, token } = await build(t)
  const client = await connect(url, { token })
  await client.next()
  client.say('{')
  t.match(await client.next(), { event: 'error', data: { code: 'bad_json' } })
  client.say('[]')
  t.match(await client.next(), { event: 'error', data: { code: 'bad_frame' } })
  client.say({ type: 'dance', id: 7 })
  t.match(await client.next(), { event: 'error', id: 7, data: { code: 'unknown_type' } })
  client.socket.send(Buffer.from([1]))
  t.match(await client.next(), { event: 'error', data: { code: 'bad_frame' } })
  client.say({ type: 'ping', data: { t: 5 } })
  t.match(await client.next(), { event: 'pong', data: { t: 5 } })
  for (let count = 0; count < 6; count += 1) client.say('{')
  t.strictSame(await client.closed, { code: 4400, reason: 'bad_frames' })
})

t.test('a message over the limit is closed 1009 with the limit', async (t) => {
  const { url, token } = await build(t)
  const client = await connect(url, { token })
  client.say('x'.repeat(16_385))
  t.strictSame(await client.closed, { code: 1009, reason: 'too_large 16384' })
})

t.test('a live client resumes and asks for snapshots on the same socket', async (t) => {
  const { url, token } = await build(t)
  const client = await connect(url, { token, modern: true })
  const epoch = String((await client.next()).data['head']).split(':')[0]
  await post(url, telnyxEvent())
  await client.nextEvents(1)
  client.say({ type: 'resume', data: { cursor: `${epoch}:0` } })
  t.match((await client.nextEvents(1))[0], { seq: 1, prev: 0, replay: true })
  t.match(await client.next(), { event: 'resumed', data: { from: 0, to: 1, count: 1 } })
  client.say({ type: 'resume', data: { cursor: 'x' } })
  t.match(await client.nextNamed('error'), { data: { code: 'bad_cursor' } })
  client.say({ type: 'snapshot' })
  t.match(await client.nextNamed('snapshot'), { data: { seq: 1, calls: [{ id: 'call-1' }] } })
  await post(url, telnyxEvent({ type: 'call.answered' }))
  t.match((await client.nextEvents(1))[0], { seq: 2, prev: 1, event: 'call-answered' })
  await client.close()
})

t.test('an agent without mapped calls sees none, and is told it is up to date', async (t) => {
  const { url, token } = await build(t)
  const agentToken = await signToken(jwtSecret, { role: 'agent' })
  const agent = await connect(url, { token: agentToken, modern: true })
  const supervisor = await connect(url, { token })
  await supervisor.nextNamed('connected')
  await agent.next()
  t.match(await agent.next(), { event: 'head', data: { seq: 0 } })
  await post(url, telnyxEvent())
  await supervisor.nextEvents(1)
  t.match(await agent.next(), { event: 'head', data: { seq: 1 } }, 'no event in between')
  await agent.close()
  await supervisor.close()
})

t.test('a socket ends with its token', async (t) => {
  const { url } = await build(t)
  const soon = await signToken(jwtSecret, {}, { expires: '5s' })
  const modern = await connect(url, { token: soon, modern: true })
  const legacy = await connect(url, { token: soon })
  t.strictSame(await modern.closed, { code: 4401, reason: 'token_expired' })
  t.strictSame(await legacy.closed, { code: 1008, reason: 'auth_expired' })
})

t.test('a peer that answers no ping is closed', async (t) => {
  const environment = { WS_HEARTBEAT_SECONDS: '1', WS_IDLE_SECONDS: '2' }
  const { url, token } = await build(t, { environment })
  const client = await connect(url, { token, modern: true })
  // A mute peer: it reads, but its pongs never leave.
  client.socket.pong = () => {}
  client.socket.removeAllListeners('ping')
  t.equal(await new Promise((resolve) => client.socket.once('close', resolve)), 4410)
})

t.test('a client that does not read is closed 4408, and keeps nobody waiting', async (t) => {
  const { app, url, token } = await build(t, { environment: { WS_BACKLOG_BYTES: '65536' } })
  const slow = await connect(url, { token })
  await slow.next()
  slow.socket.pause()
  const quick = await connect(url, { token })
  await quick.nextNamed('connected')
  // More than the kernel's buffers on both ends can hold.
  const rounds = 40
  for (let round = 0; round < rounds; round += 1) await appendLarge(app, 10)
  t.equal((await quick.nextEvents(rounds * 10)).at(-1)?.seq, rounds * 10)
  slow.socket.resume()
  await slow.closed
  const metrics = await (await fetch(`${url}/metrics`)).text()
  t.match(metrics, 'switchhook_hub_closes_total{close_code="4408"} 1')
  await quick.close()
})

t.test('a refusal never repeats a token', async (t) => {
  const { url, token } = await build(t)
  const headers = { authorization: 'Bearer wrong', 'sec-websocket-protocol': `bearer.${token}` }
  const answer = await rawUpgrade(url, headers)
  t.match(answer, /^HTTP\/1\.1 400 /)
  t.match(answer, 'Offer switchhook.v1')
  t.notOk(answer.includes(token))
})

t.test('a handshake that cannot be routed is answered and ended', async (t) => {
  const { url } = await build(t)
  const answer = await rawUpgrade(url, {}, '/ws%zz')
  t.match(answer, /^HTTP\/1\.1 400 .*application\/problem\+json.*"code":"bad_request"/s)
})

t.test('an upgrade to another protocol is ignored', async (t) => {
  const { url } = await build(t)
  const answer = await rawUpgrade(url, { upgrade: 'h2c', connection: 'close' }, '/livez')
  t.match(answer, /^HTTP\/1\.1 200 /)
})

t.test('a socket that is on its way in while the hub closes is sent away too', async (t) => {
  const { app, url, token } = await build(t)
  const { heads } = app.journal
  const asked = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  app.journal.heads = async (apps) => {
    asked.resolve()
    await goOn.promise
    return heads(apps)
  }
  const client = await connect(url, { token })
  await asked.promise
  const closed = app.close()
  goOn.resolve()
  t.strictSame(await client.closed, { code: 1012, reason: 'restart 1000' })
  await closed
})

t.test('upgrades are refused with a status where no socket is spoken', async (t) => {
  const { url, token } = await build(t)
  t.equal(await refused(`${url}/livez`), 426)
  t.equal(await refused(`${url}/nowhere`), 404)
  t.equal(await refused(`${url}/ws?token=${token}`, [], 8), 426)
  t.equal(await refused(`${url}/ws?token=${token}`, ['chat']), 400)
  const plain = await fetch(`${url}/ws`)
  t.equal(plain.status, 426)
  t.match(await plain.json(), { code: 'websocket_required' })
})
