import { WebSocket } from 'ws'
import t from 'tap'
import { build, jwtSecret, type Suite } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { signToken } from '../kit/token.ts'
import { until } from '../kit/until.ts'
import { supervisor } from '../contracts/hub-events.ts'

const nowhere = 'http://127.0.0.1:9/keys'

/** The status and Retry-After of a refused handshake, or the close of an explained one. */
function knock(
  { url, token }: Suite,
  headers: Record<string, string> = {},
): Promise<{ status: number; retryAfter?: string | undefined; reason?: string }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
  })
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_request, { statusCode, headers: answer }) =>
      resolve({ status: statusCode!, retryAfter: answer['retry-after'] }),
    )
    socket.on('message', () => {
      resolve({ status: 101 })
      socket.terminate()
    })
    socket.on('close', (status, reason) => resolve({ status, reason: reason.toString() }))
    socket.on('error', reject)
  })
}

t.test('too many messages are answered once, and end the socket the second time', async (t) => {
  const suite = await build(t, { environment: { WS_MESSAGE_RATE: '5', WS_MESSAGE_BURST: '5' } })
  const client = await supervisor(suite)
  const ask = (id: number) => client.say({ type: 'presence', id, data: { get: [] } })
  for (let id = 1; id <= 20; id += 1) ask(id)
  const error = await client.nextNamed('error')
  t.match(error, { id: 6, data: { code: 'rate_limited' } })
  const { retryMs } = error.data as { retryMs?: number }
  t.ok(retryMs! > 0 && retryMs! <= 200)
  t.match(await client.ask('ping'), { event: 'pong' }, 'pings are counted apart')
  const errors = client.frames.filter(({ event }) => event === 'error')
  t.equal(errors.length, 1, 'a flood is one offence')
  const flood = setInterval(() => ask(99), 5)
  const { code, reason } = await client.closed
  clearInterval(flood)
  t.equal(code, 4429)
  t.match(reason, /^rate \d+$/)
})

t.test('a flood of pings is one too', async (t) => {
  const suite = await build(t)
  const client = await supervisor(suite)
  for (let count = 0; count < 12; count += 1) client.say({ type: 'ping' })
  t.match(await client.nextNamed('error'), { data: { code: 'rate_limited' } })
  t.equal(client.frames.filter(({ event }) => event === 'pong').length, 10)
  t.match(await client.ask('unsubscribe', { channels: ['ops'] }), { event: 'unsubscribed' })
})

t.test('a message over the limit ends the socket, whoever is known to have sent it', async (t) => {
  const suite = await build(t)
  const known = await supervisor(suite)
  const stranger = await connect(suite.url, { modern: true })
  for (const client of [known, stranger]) {
    client.say('x'.repeat(16_384))
    client.say('x'.repeat(16_385))
  }
  t.strictSame(await known.closed, { code: 1009, reason: 'too_large 16384' })
  t.match((await stranger.closed).code, /1008|1009/)
  const huge = await supervisor(suite)
  huge.say('x'.repeat(70_000))
  t.equal((await huge.closed).code, 1009)
})

t.test('subscriptions are counted over all messages', async (t) => {
  const suite = await build(t)
  const client = await supervisor(suite, '/ws?sub=none')
  const names = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `call:c${from + index}`)
  t.match(await client.ask('subscribe', { channels: names(0, 60) }), { event: 'subscribed' })
  await client.nextNamed('head')
  const tooMany = { event: 'error', data: { code: 'too_many_subscriptions' } }
  t.match(await client.ask('subscribe', { channels: names(60, 101) }), tooMany)
  t.match(await client.ask('subscribe', { channels: names(0, 100) }), { event: 'subscribed' })
  await client.nextNamed('head')
  t.match(await client.ask('subscribe', { channels: ['call:101'] }), tooMany)
  await client.ask('unsubscribe', { channels: ['call:c7'] })
  await client.nextNamed('head')
  t.match(await client.ask('subscribe', { channels: ['call:c101'] }), { event: 'subscribed' })
  const query = names(0, 150).map((name) => `sub=${name}`)
  const wide = await supervisor(suite, `/ws?${query.join('&')}`)
  t.equal(((await wide.next()).data['channels'] as string[]).length, 100)
})

t.test('a user has ten sockets, whatever another one has', async (t) => {
  const suite = await build(t)
  const { url, token } = suite
  const own = await Promise.all(Array.from({ length: 10 }, () => supervisor(suite)))
  for (const modern of [true, false]) {
    const client = await connect(url, { token, modern })
    t.strictSame(await client.closed, { code: 4429, reason: 'sockets' })
  }
  const other = await signToken(jwtSecret, { sub: 'u2' })
  await supervisor({ url, token: other })
  await own[0]!.close()
  await until(async () => {
    const client = await connect(url, { token, modern: true })
    const first = await Promise.race([client.closed, client.next().catch(() => client.closed)])
    return 'event' in first
  })
})

t.test('an app has so many sockets', async (t) => {
  const suite = await build(t, { environment: { MAX_SOCKETS_PER_APP: '3' } })
  const open = async (sub: string) => {
    const token = await signToken(jwtSecret, { sub })
    return connect(suite.url, { token, modern: true })
  }
  for (const sub of ['u1', 'u2', 'u3']) await (await open(sub)).nextNamed('head')
  t.strictSame(await (await open('u4')).closed, { code: 4429, reason: 'sockets' })
})

t.test('more sockets a second than are admitted are told to come back later', async (t) => {
  const suite = await build(t, {
    environment: { WS_ADMISSION_RATE: '1', WS_ADMISSION_BURST: '1' },
  })
  const program = async () => {
    for (;;) {
      const answer = await knock(suite)
      if (answer.status !== 101) return answer
    }
  }
  const { status, retryAfter } = await program()
  t.equal(status, 503)
  t.match(retryAfter, /^\d+$/)
  const browser = async () => {
    for (;;) {
      const answer = await knock(suite, { 'user-agent': 'Mozilla/5.0' })
      if (answer.status !== 101) return answer
    }
  }
  const { status: code, reason } = await browser()
  t.equal(code, 1013)
  t.match(reason, /^overload \d+000$/)
})

t.test('the heartbeats of many sockets are spread', async (t) => {
  const suite = await build(t, {
    environment: { WS_HEARTBEAT_SECONDS: '6', MAX_SOCKETS_PER_USER: '100' },
  })
  const beats = new Map<number, Set<number>>()
  const clients = await Promise.all(Array.from({ length: 30 }, () => supervisor(suite)))
  for (const [index, client] of clients.entries()) {
    await client.nextNamed('head')
    client.socket.on('message', (data: Buffer) => {
      const { event, data: said } = JSON.parse(data.toString()) as Record<string, { time: string }>
      if (String(event) !== 'head') return
      const second = Math.round(Date.parse(said!.time) / 1_000)
      beats.set(second, (beats.get(second) ?? new Set()).add(index))
    })
  }
  await Promise.all(clients.map(async (client) => client.nextNamed('head')))
  t.ok(beats.size >= 2)
  t.ok([...beats.values()].every(({ size }) => size <= 20))
})

t.test('while no credential can be judged a page is to come back, not to give up', async (t) => {
  const suite = await build(t, { environment: { JWT_SECRET: '', JWKS_URL: nowhere } })
  const answer = await knock(suite, { 'user-agent': 'Mozilla/5.0' })
  t.match(answer, { status: 1013, reason: 'unavailable 5000' })
})
