import t from 'tap'
import { build, jwtSecret } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { signToken } from '../kit/token.ts'
import { agent, mapUsers, of, publish, supervisor } from '../contracts/hub-events.ts'

t.test('a modern client may say who it is in its first message', async (t) => {
  const { app, url, token } = await build(t)
  const client = await connect(url, { modern: true, path: '/ws/call' })
  client.say({ type: 'auth', id: 'a1', data: { token } })
  // What is sent in the same breath waits its turn.
  client.say({ type: 'ping', id: 'p1', data: { t: 7 } })
  t.match(await client.next(), { event: 'auth', id: 'a1', data: { scopes: ['calls'] } })
  t.match(await client.next(), { event: 'connected', data: { user: 'test@example.com' } })
  t.match(await client.nextNamed('pong'), { id: 'p1', data: { t: 7 } })
  await publish(app, [{ callId: 'c1' }])
  t.match((await client.nextEvents(1))[0], { call: 'c1' })
})

t.test('a first message that shows nobody ends the socket', async (t) => {
  const { url } = await build(t)
  const said = async (message: object | string) => {
    const client = await connect(url, { modern: true })
    client.say(message)
    return client.closed
  }
  const missing = { code: 1008, reason: 'auth_missing' }
  t.strictSame(await said({ type: 'ping' }), missing)
  t.strictSame(await said('{'), missing)
  t.strictSame(await said({ type: 'auth', data: {} }), missing)
  t.strictSame(await said({ type: 'auth', data: { token: 7 } }), missing)
  const invalid = { code: 1008, reason: 'auth_invalid' }
  t.strictSame(await said({ type: 'auth', data: { token: 'nonsense' } }), invalid)
  const expired = await signToken(jwtSecret, {}, { expires: 1_000 })
  const answer = { code: 1008, reason: 'auth_expired' }
  t.strictSame(await said({ type: 'auth', data: { token: expired } }), answer)
})

t.test('who says nothing is not waited for, and a legacy client not at all', async (t) => {
  const { url, token } = await build(t, { environment: { WS_AUTH_SECONDS: '1' } })
  const legacy = await connect(url)
  legacy.say({ type: 'auth', data: { token } })
  t.strictSame(await legacy.closed, { code: 1008, reason: 'auth_missing' })
  const modern = await connect(url, { modern: true })
  t.strictSame(await modern.closed, { code: 1008, reason: 'auth_missing' })
  const gone = await connect(url, { modern: true })
  gone.socket.terminate()
})

t.test('a token is renewed five times in place, and no event is missed', async (t) => {
  const suite = await build(t)
  const { app, url } = suite
  const soon = () => signToken(jwtSecret, {}, { expires: '10s' })
  const client = await connect(url, { token: await soon(), modern: true })
  await client.nextNamed('head')
  let running = true
  const publishing = (async () => {
    let sent = 0
    for (; running; sent += 5) {
      await publish(
        app,
        Array.from({ length: 5 }, (_, n) => ({ callId: `c${sent + n}` })),
      )
    }
    return sent
  })()
  for (let count = 1; count <= 5; count += 1) {
    const token = await signToken(jwtSecret, {}, { expires: 2_000_000_000 + count })
    const answer = await client.ask('auth', { token })
    t.match(answer, { event: 'auth', data: { exp: 2_000_000_000 + count } })
    await client.nextEvents(20)
  }
  running = false
  const sent = await publishing
  while (client.frames.findLast(({ seq }) => seq !== undefined)?.seq !== sent) await client.next()
  const seqs = client.frames.flatMap(({ seq }) => seq ?? [])
  t.strictSame(
    seqs,
    Array.from({ length: sent }, (_, index) => index + 1),
  )
  t.notOk(client.frames.some(({ event }) => /resync|snapshot|error/.test(event)))
})

t.test('the end of a token is told in time, once for each token', async (t) => {
  const { url } = await build(t)
  const exp = Math.floor(Date.now() / 1_000) + 8
  const token = await signToken(jwtSecret, {}, { expires: exp })
  const client = await connect(url, { token, modern: true })
  const { data } = await client.nextNamed('auth-expiring')
  t.equal(data['exp'], exp)
  t.ok(Number(data['inMs']) <= 8_000)
  const next = await signToken(jwtSecret, {}, { expires: exp + 8 })
  t.equal((await client.ask('auth', { token: next })).event, 'auth')
  t.match((await client.nextNamed('auth-expiring')).data, { exp: exp + 8 })
  const last = await signToken(jwtSecret)
  t.equal((await client.ask('auth', { token: last })).event, 'auth')
  t.equal(client.frames.filter(({ event }) => event === 'auth-expiring').length, 2)
})

t.test('nobody becomes somebody else by renewal', async (t) => {
  const suite = await build(t)
  for (const claims of [{ sub: 'u2' }]) {
    const client = await supervisor(suite)
    client.say({ type: 'auth', data: { token: await signToken(jwtSecret, claims) } })
    t.strictSame(await client.closed, { code: 4403, reason: 'forbidden' })
  }
})

t.test('a renewal that fails changes nothing, and nobody goes on without a token', async (t) => {
  const { app, url } = await build(t)
  const token = await signToken(jwtSecret, {}, { expires: '6s' })
  const client = await connect(url, { token, modern: true })
  await client.nextNamed('head')
  for (const wrong of ['nonsense', await signToken('x'.repeat(40))]) {
    const answer = await client.ask('auth', { token: wrong })
    t.match(answer, { event: 'error', data: { code: 'auth_invalid' } })
  }
  await publish(app, [{ callId: 'c1' }])
  await client.nextEvents(1)
  t.strictSame(await client.closed, { code: 4401, reason: 'token_expired' })
})

t.test(
  'a renewal that changes the role begins the view anew, and keeps what is still allowed',
  async (t) => {
    const suite = await build(t)
    const { app } = suite
    await mapUsers(suite, ['u1', 'u2'])
    await publish(app, [
      { callId: 'mine', ...of('p-u1') },
      { callId: 'other', ...of('p-u2') },
    ])
    const client = await supervisor(suite, '/ws?sub=calls&sub=agent:u1')
    const renew = async (claims: Record<string, unknown>) => {
      const token = await signToken(jwtSecret, claims)
      t.equal((await client.ask('auth', { token })).event, 'auth')
    }
    const calls = async () => {
      t.match(await client.nextNamed('resync'), { data: { reason: 'view_changed' } })
      const { data } = await client.nextNamed('snapshot')
      return (data['calls'] as { id: string }[]).map(({ id }) => id)
    }
    await renew({ role: 'agent' })
    t.match(await client.nextNamed('subscribed'), {
      data: { channels: ['agent:u1'], denied: [{ channel: 'calls', code: 'forbidden' }] },
    })
    t.strictSame(await calls(), ['mine'])
    await publish(app, [
      { callId: 'other', type: 'call.answered' },
      { callId: 'mine', type: 'call.answered' },
    ])
    t.match((await client.nextEvents(1))[0], { call: 'mine' })
    await renew({ role: 'supervisor' })
    t.strictSame(await calls(), ['mine'])
    await client.ask('subscribe', { channels: ['calls'] })
    t.equal(((await client.nextNamed('snapshot')).data['calls'] as object[]).length, 2)
  },
)

t.test(
  'more queues by renewal take nothing away, and who watches nothing goes on so',
  async (t) => {
    const { url } = await build(t)
    const claims = { sub: 'u1', role: 'agent', queues: ['sales', 'support'] }
    const token = await signToken(jwtSecret, claims)
    const client = await agent(url, 'u1', {
      path: '/ws?sub=agent:me&sub=queue:sales&sub=presence',
      queues: ['sales'],
    })
    t.equal((await client.ask('auth', { token })).event, 'auth')
    t.match(await client.nextNamed('resync'), { data: { reason: 'view_changed' } })
    const answer = await client.ask('unsubscribe', { channels: ['agent:me'] })
    t.equal(answer.event, 'unsubscribed')
    t.notOk(client.frames.some(({ data }) => data['denied']))
    const none = await agent(url, 'u1', { path: '/ws?sub=none' })
    t.equal((await none.ask('auth', { token })).event, 'auth')
    t.match(await none.ask('history', { after: 0 }), { data: { code: 'bad_frame' } })
  },
)
