import t from 'tap'
import { build, jwtSecret, type Suite } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { internal } from '../kit/internal.ts'
import { sampleDelivery, sampleEvent } from '../kit/sample.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { signToken } from '../kit/token.ts'

interface Receipt {
  readonly id: string
  readonly seq: number
  readonly cursor: string
  readonly code?: string
  readonly detail?: string
  readonly parameter?: string
}

interface Request {
  readonly key?: string
  readonly token?: string
  readonly headers?: Record<string, string>
}

async function publish(
  { url, token: own }: Suite,
  body: unknown,
  { key, token = own, headers }: Request = {},
): Promise<{ status: number; body: Receipt; headers: Headers }> {
  const response = await fetch(`${url}/api/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(key !== undefined && { 'idempotency-key': key }),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  })
  return {
    status: response.status,
    body: (await response.json()) as Receipt,
    headers: response.headers,
  }
}

const event = (data: unknown = {}, more: object = {}) => ({ type: 'custom.note', data, ...more })

async function rowsOf({ app }: Suite) {
  return app.journal.read(app.directory.firstApp.id, 0, 1_000)
}

t.test('what is published is answered when it is numbered, and reaches every client', async (t) => {
  const suite = await build(t)
  const modern = await connect(suite.url, { token: suite.token, modern: true })
  await modern.nextNamed('connected')
  const legacy = await connect(suite.url, { token: suite.token })
  await legacy.nextNamed('connected')
  const body = { type: 'custom.order.shipped', time: '2026-09-21T14:00:00+02:00', data: { n: 1 } }
  const first = await publish(suite, body)
  t.match(first, { status: 201, body: { id: /^app:/, seq: 1, cursor: /:1$/ } })
  for (const client of [modern, legacy]) {
    const [frame] = await client.nextEvents(1)
    t.match(frame, {
      event: 'custom-order-shipped',
      seq: 1,
      prev: 0,
      id: first.body.id,
      call: null,
      time: '2026-09-21T12:00:00.000Z',
      data: { call: null, state: null, details: { n: 1 }, raw_type: 'custom.order.shipped' },
    })
  }
  const late = await connect(suite.url, {
    token: suite.token,
    modern: true,
    cursor: first.body.cursor.replace(/1$/, '0'),
  })
  t.match(await late.nextEvents(1), [{ event: 'custom-order-shipped', replay: true }])
  const caught = await fetch(`${suite.url}/api/events?after=${first.body.cursor}`, {
    headers: { authorization: `Bearer ${suite.token}` },
  })
  t.match(await caught.json(), { events: [], head: first.body.cursor })
})

t.test('an event about a call goes to whoever sees it, and leaves the call as it is', async (t) => {
  const suite = await build(t)
  const { app } = suite
  const { id } = app.directory.firstApp
  await app.mappings.put(id, [
    { kind: 'phone_number', provider: null, value: '+12025550131', sub: 'zoe', team: null },
  ])
  const zoe = await connect(suite.url, {
    token: await signToken(jwtSecret, { sub: 'zoe', role: 'agent' }),
    modern: true,
  })
  await zoe.nextNamed('connected')
  const bob = await connect(suite.url, {
    token: await signToken(jwtSecret, { sub: 'bob', role: 'agent' }),
    modern: true,
  })
  await bob.nextNamed('connected')
  await post(suite.url, telnyxEvent({ call: 'c1' }))
  const before = await app.journal.liveCalls(id, 10)
  t.match(await publish(suite, event({}, { call: 'c1' })), { status: 201, body: { seq: 2 } })
  t.match(await publish(suite, event()), { status: 201, body: { seq: 3 } })
  t.match(await publish(suite, event({}, { call: 'nobody' })), { status: 201, body: { seq: 4 } })
  await post(suite.url, telnyxEvent({ call: 'c1', type: 'call.hangup' }))
  t.match(await zoe.nextEvents(3), [
    { seq: 1, event: 'call-initiated' },
    { seq: 2, event: 'custom-note', call: 'c1', data: { call: { id: 'c1', provider: 'telnyx' } } },
    { seq: 5, prev: 2, event: 'call-hangup' },
  ])
  t.notOk(bob.frames.some(({ seq }) => seq !== undefined))
  t.strictSame((before.calls[0] as { last_event: object }).last_event, {
    ...before.calls[0]!.last_event,
    event: 'call-initiated',
  })
  t.equal(await app.journal.resolveCall(id, 'nobody'), undefined, 'no call came of it')
  const rows = await rowsOf(suite)
  t.match(rows[3], { call: 'nobody', data: /"call":null/ })
})

t.test('other ids of a call lead to it, whatever this process remembers', async (t) => {
  const suite = await build(t)
  const { app } = suite
  const { id } = app.directory.firstApp
  await app.journal.append([sampleDelivery(id, [sampleEvent({ callId: 'own', joins: ['other'] })])])
  await publish(suite, event({}, { call: 'other' }))
  t.match(await rowsOf(suite), [{}, { call: 'own', late: false }])
  const [record] = (await app.journal.liveCalls(id, 5)).calls
  t.match(record, { phase: 'initiated', last_event: { seq: 1 } })
})

t.test('fifty repeats at once are one event, and one answer', async (t) => {
  const suite = await build(t)
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => publish(suite, event({ a: 1 }), { key: 'order-17' })),
  )
  t.equal(answers.filter(({ status }) => status === 201).length, 1)
  t.equal(answers.filter(({ status }) => status === 200).length, 49)
  const [{ body: first }] = answers as [(typeof answers)[0]]
  for (const { body } of answers) t.strictSame(body, first)
  t.equal((await rowsOf(suite)).length, 1)
  const reordered = '{"data": {"a": 1}, "type": "custom.note"}'
  t.match(await publish(suite, reordered, { key: 'order-17' }), { status: 200, body: first })
  t.match(await publish(suite, event({ a: 2 }), { key: 'order-17' }), {
    status: 409,
    body: { code: 'idempotency_conflict', detail: /'order-17'.*another body/ },
  })
  t.equal((await publish(suite, event({ a: 2 }), { key: 'order-17' })).status, 409, 'and again')
  t.equal((await publish(suite, event({ a: 1 }), { key: 'order-17' })).status, 200)
  t.equal((await publish(suite, event({ a: 1 }), { key: 'order-18' })).status, 201)
  t.equal((await publish(suite, event({ a: 1 }))).status, 201)
  t.equal((await publish(suite, event({ a: 1 }))).status, 201, 'without a key each is new')
  t.equal((await rowsOf(suite)).length, 4)
})

t.test(
  'among webhooks at the same time the numbers have no hole, and clients one order',
  async (t) => {
    const suite = await build(t)
    const client = await connect(suite.url, { token: suite.token, modern: true })
    await client.nextNamed('connected')
    const count = 20
    const published = Array.from({ length: count }, (_, n) =>
      publish(suite, event({ n }, { call: 'c1' })),
    )
    const told = Array.from({ length: count }, (_, n) =>
      post(suite.url, telnyxEvent({ call: `c${n % 3}`, type: 'call.answered' })),
    )
    const answers = await Promise.all(published)
    await Promise.all(told)
    const events = await client.nextEvents(2 * count)
    t.strictSame(
      events.map(({ seq }) => seq),
      Array.from({ length: 2 * count }, (_, index) => index + 1),
    )
    for (const { body } of answers) t.equal(events[body.seq - 1]?.id, body.id)
  },
)

t.test('what comes while the store writes is written together, in the order it came', async (t) => {
  const suite = await build(t)
  const { journal } = suite.app
  const { append } = journal
  const sizes: number[] = []
  journal.append = (batch) => {
    sizes.push(batch.length)
    return append(batch)
  }
  const receipts = await Promise.all(
    Array.from({ length: 150 }, (_, n) => publish(suite, event({ n }), { key: `k${n % 75}` })),
  )
  const rows = await rowsOf(suite)
  t.equal(rows.length, 75)
  const seqs = new Map(rows.map(({ id, seq }) => [id, seq]))
  t.ok(receipts.every(({ body }) => seqs.get(body.id) === body.seq))
  t.ok(sizes.length < 150, `${sizes.length} times`)
  t.ok(sizes.every((size) => size <= 100))
})

t.test('agents publish nothing, API keys do', async (t) => {
  const suite = await build(t)
  const agent = await signToken(jwtSecret, { sub: 'zoe', role: 'agent' })
  t.match(await publish(suite, event(), { token: agent }), {
    status: 403,
    body: { code: 'supervisors_only' },
  })
  const { id } = suite.app.directory.firstApp
  const { body } = await internal(suite.url, `/apps/${id}/api-key`, { method: 'POST', body: {} })
  const { key } = body as { key: string }
  t.match(await publish(suite, event(), { token: key }), { status: 201 })
})

t.test('whatever is not as it is written is refused by its name', async (t) => {
  const suite = await build(t)
  const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  const wrong: [body: unknown, code: string, parameter?: string][] = [
    [{ type: 'call.hangup', data: {} }, 'invalid_parameter', 'type'],
    [{ type: 'custom.', data: {} }, 'invalid_parameter', 'type'],
    [{ type: 'custom.A', data: {} }, 'invalid_parameter', 'type'],
    [{ type: `custom.${'a'.repeat(65)}`, data: {} }, 'invalid_parameter', 'type'],
    [{ type: 'custom.x' }, 'invalid_parameter'],
    [event([]), 'invalid_parameter', 'data'],
    [event('text'), 'invalid_parameter', 'data'],
    [event(null), 'invalid_parameter', 'data'],
    [event({}, { more: 1 }), 'invalid_parameter'],
    [event({}, { call: '' }), 'invalid_parameter', 'call'],
    [event({}, { call: 'a\u0000' }), 'invalid_parameter', 'call'],
    ['{"type":"custom.x","data":{},"call":"\\ud800"}', 'invalid_parameter', 'call'],
    [event({}, { time: 'yesterday' }), 'invalid_parameter', 'time'],
    [
      event({}, { time: new Date(Date.now() + 90_000_000).toISOString() }),
      'invalid_parameter',
      'time',
    ],
    [`{"type":"custom.x","data":${deep(33)}}`, 'invalid_parameter', 'data'],
    [`{"type":"custom.x","data":${deep(20_000)}}`, 'invalid_parameter', 'data'],
    ['{"type":"custom.x","data":{"__proto__":{"polluted":1}}}', 'bad_json'],
    ['{"type":"custom.x","data":{"constructor":{"prototype":{"polluted":1}}}}', 'bad_json'],
    ['{"type":', 'bad_json'],
  ]
  for (const [body, code, parameter] of wrong) {
    const answer = await publish(suite, body)
    const text = JSON.stringify(body).slice(0, 80)
    t.match(answer, { status: 400, body: { code, ...(parameter && { parameter }) } }, text)
  }
  for (const key of ['', 'a b', 'a'.repeat(256), 'ä']) {
    t.match(await publish(suite, event(), { key }), { status: 400 }, `key ${key.slice(0, 9)}`)
  }
  t.notOk('polluted' in {})
  t.equal((await rowsOf(suite)).length, 0)
  t.equal((await publish(suite, `{"type":"custom.x","data":${deep(32)}}`)).status, 201)
})

t.test('data up to the limit comes whole to every client, beyond it is refused', async (t) => {
  const suite = await build(t)
  const client = await connect(suite.url, { token: suite.token, modern: true })
  await client.nextNamed('connected')
  const call = '\u20ac'.repeat(512)
  const full = { text: 'x'.repeat(57_344 - '{"text":""}'.length) }
  t.equal((await publish(suite, event(full, { call }))).status, 201)
  const [frame] = await client.nextEvents(1)
  t.strictSame(frame?.data.details, full)
  for (const size of [57_344, 300_000]) {
    t.match(await publish(suite, event({ text: 'x'.repeat(size) })), {
      status: 413,
      body: { code: 'event_too_large', detail: /57344/ },
    })
  }
})

t.test('any text comes back as it was', async (t) => {
  const suite = await build(t)
  const client = await connect(suite.url, { token: suite.token, modern: true })
  await client.nextNamed('connected')
  const data = {
    'ключ\u0000': ['\u0000', '😀', '\u2028', '"\\'],
    toString: 1,
    hasOwnProperty: null,
  }
  t.equal((await publish(suite, event(data))).status, 201)
  t.equal((await publish(suite, '{"type":"custom.x","data":{"half":"\\ud800"}}')).status, 201)
  const [whole, half] = await client.nextEvents(2)
  t.strictSame(whole?.data.details, data)
  t.equal(half?.data.details?.['half'], '\ud800')
})

t.test('operators find it among the deliveries, and may run it again or remove it', async (t) => {
  const suite = await build(t)
  await publish(suite, event({ phone: '+12025550133' }), { key: 'k1' })
  const list = await internal(suite.url, '/deliveries?provider=app')
  t.match(list.body, { items: [{ provider: 'app', status: 'accepted' }], next: null })
  const [{ id }] = (list.body as { items: [{ id: string }] }).items
  const one = await internal(suite.url, `/deliveries/${id}?unmasked=true`)
  t.match(one.body, {
    events: [/^app:/],
    request: { method: 'POST', url: '/api/events', headers: { 'idempotency-key': 'k1' } },
  })
  t.match(await internal(suite.url, `/deliveries/${id}/replay`, { method: 'POST' }), {
    body: { status: 'duplicate' },
  })
  const removed = { number: '+12025550133' }
  t.match(await internal(suite.url, '/deliveries/purge', { method: 'POST', body: removed }), {
    body: { deliveries: 1, events: 1 },
  })
  const again = await publish(suite, event({ phone: '+12025550133' }), { key: 'k1' })
  t.equal(again.status, 200, 'what was removed is still known')
})
