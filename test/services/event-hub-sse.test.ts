import t from 'tap'
import { build, internalSecret, jwtSecret, type Suite } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { askForStream, dataText, openStream } from '../kit/event-stream.ts'
import { sampleDelivery, sampleEvent } from '../kit/sample.ts'
import { signToken } from '../kit/token.ts'
import { until } from '../kit/until.ts'
import type { CallEvent } from '@switchhook/shared/events'
import type { IncomingMessage } from 'node:http'

/** Commits and announces events. */
async function append({ app }: Suite, events: readonly Partial<CallEvent>[]): Promise<void> {
  const { id } = app.directory.firstApp
  const batch = events.map((event) => sampleDelivery(id, [sampleEvent(event)]))
  for (const appended of await app.journal.append(batch)) {
    if (appended.status === 'accepted') app.bus.publish(id, appended.rows)
  }
}

async function problem(response: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return JSON.parse(text) as Record<string, unknown>
}

const calls = (count: number): Partial<CallEvent>[] =>
  Array.from({ length: count }, (_, index) => ({ callId: `call-${index}`, details: { text: 'é' } }))

t.test('a stream has the headers it needs, and tells first when to come back', async (t) => {
  const suite = await build(t)
  const stream = await openStream(suite.url, { token: suite.token })
  t.match(stream.response.headers, {
    'content-type': /^text\/event-stream/,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    vary: 'Origin',
  })
  t.match(JSON.parse((await stream.nextNamed('connected')).data), { data: { resume: true } })
  t.strictSame(stream.retries, [2_000])
  const head = await stream.nextNamed('head')
  t.match(head.id, /^[0-9a-f]+:0$/)
  stream.close()
})

t.test('the frames are those of the WebSocket, byte for byte', async (t) => {
  const suite = await build(t)
  const { url, token } = suite
  const socket = await connect(url, { token, modern: true })
  const raw: string[] = []
  socket.socket.on('message', (data: Buffer) => raw.push(data.toString()))
  await socket.nextNamed('head')
  const stream = await openStream(url, { token })
  await stream.nextNamed('head')
  await append(suite, calls(20))
  const blocks = await stream.nextEvents(20)
  await socket.nextEvents(20)
  const frames = raw.filter((text) => text.includes('"seq":') && text.includes('"prev":'))
  t.strictSame(
    blocks.map(({ data }) => data),
    frames,
  )
  t.equal(dataText(blocks[0]!.data), dataText(frames[0]!))
  t.match(blocks[0], { event: 'call-initiated', id: /:1$/ })
  stream.close()
  await socket.close()
})

t.test('after whatever id a client comes back with nothing is missing or twice', async (t) => {
  const suite = await build(t)
  const { url, token } = suite
  await append(suite, calls(3))
  // After `head`, the last part of a snapshot, an event, and `resumed`.
  let stream = await openStream(url, { token, query: '?snapshot=always' })
  const snapshot = await stream.nextNamed('snapshot')
  t.match(snapshot.id, /:3$/)
  const back = async (lastId: string | undefined) => {
    stream.close()
    await append(suite, calls(2))
    stream = await openStream(url, { token, query: '?snapshot=always', lastId })
    const seqs = (await stream.nextEvents(2)).map(({ id }) => id!.split(':')[1])
    const resumed = await stream.nextNamed('resumed')
    t.equal(resumed.id, stream.blocks.findLast(({ id, event }) => id && event !== 'head')?.id)
    t.notOk(stream.blocks.some(({ event }) => event === 'snapshot'))
    return { seqs, resumed: resumed.id }
  }
  const first = await back(snapshot.id)
  t.strictSame(first.seqs, ['4', '5'])
  t.strictSame((await back(first.resumed)).seqs, ['6', '7'])
  const head = await stream.nextNamed('head')
  t.strictSame((await back(head.id)).seqs, ['8', '9'])
  const event = stream.blocks.findLast(({ event: name }) => name === 'call-initiated')
  t.strictSame((await back(event!.id)).seqs, ['10', '11'])
  stream.close()
})

t.test('a foreign or future id is answered with the reason and the live calls', async (t) => {
  const suite = await build(t)
  const { url, token } = suite
  await append(suite, calls(2))
  const probe = await openStream(url, { token })
  const epoch = (await probe.nextNamed('head')).id!.split(':')[0]!
  probe.close()
  for (const [lastId, reason] of [
    ['other:1', 'epoch'],
    ['nonsense', 'epoch'],
    [`${epoch}:99`, 'ahead'],
  ] as const) {
    const stream = await openStream(url, { token, lastId })
    const { data, id } = await stream.nextNamed('resync')
    t.match(JSON.parse(data), { data: { reason } })
    t.equal(id, undefined)
    const snapshot = await stream.nextNamed('snapshot')
    t.equal(snapshot.id, `${epoch}:2`)
    stream.close()
  }
})

t.test('who may not read is told so as a problem', async (t) => {
  const suite = await build(t, { environment: { MAX_SOCKETS_PER_USER: '2' } })
  const { url, token } = suite
  t.match(await problem(await askForStream(url)), { status: 401, code: 'auth_missing' })
  const origin = 'https://evil.example'
  const refused = await askForStream(url, { token, headers: { origin } })
  t.equal(refused.headers['access-control-allow-origin'], undefined)
  t.match(await problem(refused), { status: 403, code: 'origin_not_allowed' })
  t.match(await problem(await askForStream(url, { token, query: '?snapshot=perhaps' })), {
    status: 400,
    code: 'invalid_parameter',
    parameter: 'snapshot',
  })
  const streams = [await openStream(url, { token }), await openStream(url, { token })]
  t.match(await problem(await askForStream(url, { token })), {
    status: 429,
    code: 'too_many_sockets',
  })
  for (const stream of streams) stream.close()
  await until(async () => (await askForStream(url, { token })).statusCode === 200)
})

t.test('pages of allowed origins may read it', async (t) => {
  const origin = 'https://crm.example'
  const { url, token } = await build(t, { environment: { ALLOWED_ORIGINS: origin } })
  const stream = await openStream(url, { token, headers: { origin } })
  t.equal(stream.response.headers['access-control-allow-origin'], origin)
  stream.close()
})

t.test('a ticket for SSE opens the same address again and again', async (t) => {
  const origin = 'https://crm.example'
  const { url, token } = await build(t, { environment: { ALLOWED_ORIGINS: origin } })
  const answer = await fetch(`${url}/api/ws/ticket`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', origin },
    body: '{"for":"sse"}',
  })
  const { ticket } = (await answer.json()) as { ticket: string }
  for (let times = 0; times < 2; times += 1) {
    const stream = await openStream(url, { query: `?ticket=${ticket}`, headers: { origin } })
    await stream.nextNamed('connected')
    stream.close()
  }
})

t.test('what is watched can be said, and what may not be is named', async (t) => {
  const suite = await build(t)
  const token = await signToken(jwtSecret, { role: 'agent' })
  const stream = await openStream(suite.url, { token, query: '?sub=agent:me&sub=calls' })
  t.match(JSON.parse((await stream.nextNamed('subscribed')).data), {
    data: { denied: [{ channel: 'calls', code: 'forbidden' }] },
  })
  await stream.nextNamed('head')
  await append(suite, calls(2))
  const head = await stream.nextNamed('head')
  t.match(head.id, /:2$/, 'complete without the calls of others')
  t.notOk(stream.blocks.some(({ event }) => event === 'call-initiated'))
  stream.close()
})

t.test('a stream beats, ends with its token, and ends when its user is taken out', async (t) => {
  const suite = await build(t, { environment: { WS_HEARTBEAT_SECONDS: '1' } })
  const { url, app } = suite
  const soon = await openStream(url, {
    token: await signToken(jwtSecret, { sub: 'soon' }, { expires: '8s' }),
  })
  const expiring = await soon.nextNamed('auth-expiring')
  t.match(JSON.parse(expiring.data), { data: { exp: Number } })
  await soon.ended
  t.ok(soon.comments > 0)
  const token = await signToken(jwtSecret, { sub: 'gone' })
  const revoked = await openStream(url, { token })
  await revoked.nextNamed('head')
  const { id } = app.directory.firstApp
  await fetch(`${url}/internal/apps/${id}/revocations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${internalSecret}`, 'content-type': 'application/json' },
    body: '{"sub":"gone"}',
  })
  await revoked.ended
  t.equal((await askForStream(url, { token })).statusCode, 401)
})

t.test('streams end after a while, and go on where they were', async (t) => {
  const suite = await build(t, { environment: { SSE_ROTATION_SECONDS: '4' } })
  const { url, token } = suite
  const stream = await openStream(url, { token })
  await stream.nextNamed('head')
  await append(suite, calls(1))
  await stream.nextEvents(1)
  await stream.ended
  t.strictSame(stream.retries, [2_000, 100])
  await append(suite, calls(1))
  const next = await openStream(url, { token, lastId: stream.lastId })
  t.match(await next.nextEvents(1), [{ id: /:2$/ }])
  next.close()
})

t.test('a stop tells streams to come back, and waits for none', async (t) => {
  const suite = await build(t)
  const stream = await openStream(suite.url, { token: suite.token })
  await stream.nextNamed('head')
  const mute = await askForStream(suite.url, { token: suite.token })
  mute.pause()
  await suite.app.close()
  t.match(JSON.parse((await stream.nextNamed('drain')).data), { data: { reason: 'deploy' } })
  await stream.ended
  t.equal(stream.retries.length, 2)
})
