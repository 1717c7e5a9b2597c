import { request } from 'node:http'
import { connect as connectTcp, type Socket } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { createSealing } from '@switchhook/shared/sealing'
import { build, secretsKey, type Suite } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { until } from '../kit/until.ts'
import { post, signBody, telnyxEvent, telnyxKeys } from '../kit/sender.ts'

/** What lies in the store, read beside the running process. */
function stored({ dataDir }: Suite) {
  const db = new DatabaseSync(join(dataDir, 'switchhook.db'), { readOnly: true })
  const events = db.prepare('select seq, type, late, data from events order by seq').all()
  const deliveries = db
    .prepare('select id, app, verdict, reason, sealed from deliveries order by received_at')
    .all() as { id: string; app: string; verdict: string; reason: string; sealed: Uint8Array }[]
  db.close()
  return { events, deliveries }
}

/** Sends a webhook and hangs up. @returns what is settled once the server knows */
function hangUp({ app, url }: Suite): { readonly id: string; readonly closed: Promise<void> } {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  app.server.once('connection', (socket) => socket.once('close', () => resolve()))
  const { id, body, headers } = telnyxEvent()
  const impatient = request(new URL('/webhooks/telnyx', url), { method: 'POST', headers })
  impatient.on('error', () => {})
  impatient.end(body, () => impatient.destroy())
  return { id, closed }
}

/** Waits until so many deliveries had this outcome. */
async function counted({ url }: Suite, outcome: string, count: number): Promise<void> {
  await until(async () => {
    const metrics = await (await fetch(new URL('/metrics', url))).text()
    return metrics.includes(
      `deliveries_total{provider="telnyx",outcome="${outcome}"} ${String(count)}`,
    )
  })
}

t.test('what was proven is written, though its sender hung up meanwhile', async (t) => {
  const suite = await build(t)
  const { app, url } = suite
  const append = app.journal.append.bind(app.journal)
  const begun = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  app.journal.append = async (batch) => {
    begun.resolve()
    await release.promise
    return append(batch)
  }
  const answer = post(url, telnyxEvent())
  await begun.promise
  await hangUp(suite).closed
  release.resolve()
  t.equal((await answer).status, 200)
  await counted(suite, 'accepted', 2)
  t.equal(stored(suite).events.length, 2)
})

t.test('nothing is verified for a sender that hung up before', async (t) => {
  const suite = await build(t)
  const { app } = suite
  const find = app.directory.find.bind(app.directory)
  const release = Promise.withResolvers<void>()
  app.directory.find = async (id) => {
    await release.promise
    return find(id)
  }
  await hangUp(suite).closed
  release.resolve()
  await counted(suite, 'bad_request', 1)
  t.strictSame(stored(suite).deliveries, [])
})

t.test('a delivery is kept raw and sealed, and opens only in its place', async (t) => {
  const suite = await build(t)
  const sent = telnyxEvent({ payload: { caller_id_name: 'CANARY-NAME' } })
  await post(suite.url, sent)
  const [{ id, app, sealed }] = stored(suite).deliveries as [
    ReturnType<typeof stored>['deliveries'][0],
  ]
  t.notOk(Buffer.from(sealed).includes('CANARY-NAME'))
  const sealing = createSealing([Buffer.from(secretsKey, 'base64')])
  const raw = sealing.open(sealed, `deliveries/${app}/${id}`)
  t.ok(raw.subarray(raw.indexOf('\n') + 1).equals(sent.body), 'the body as it came')
  t.match(JSON.parse(raw.subarray(0, raw.indexOf('\n')).toString()), [
    'POST',
    'http://127.0.0.1:3000/webhooks/telnyx',
    { 'telnyx-timestamp': sent.headers['telnyx-timestamp'] },
  ])
  t.throws(() => sealing.open(sealed, `deliveries/${app}/another`))
})

t.test('hostile but signed bodies are accepted, harmless, digit for digit', async (t) => {
  const suite = await build(t)
  const client = await connect(suite.url, { token: suite.token })
  await client.nextNamed('connected')
  const text = (id: string, payload: string): Buffer =>
    Buffer.from(
      `{"data":{"event_type":"call.answered","id":"${id}","occurred_at":"2026-09-21T14:13:21.996306Z","payload":${payload}}}`,
    )
  const cases: [string, string, string][] = [
    [
      'proto',
      '{"call_session_id":"c1","__proto__":{"polluted":true},"constructor":{"prototype":{}}}',
      'c1',
    ],
    ['nul', String.raw`{"call_session_id":"c\u00002"}`, 'c\uFFFD2'],
    ['big', '{"call_session_id":9007199254740993123}', '9007199254740993123'],
    ['surrogate', String.raw`{"call_session_id":"c\ud8004"}`, 'c\uFFFD4'],
    ['deep', `{"call_session_id":"c5","x":${'['.repeat(3_000)}${']'.repeat(3_000)}}`, 'c5'],
  ]
  for (const [id, payload, call] of cases) {
    const body = text(id, payload)
    const answer = await post(suite.url, { body, headers: signBody(body) })
    t.match(answer, { status: 200, body: { status: 'accepted' } }, id)
    t.equal((await client.nextEvents(1))[0]?.call, call, id)
  }
  t.notOk('polluted' in {})
  await client.close()
})

t.test('what is not the raw signed body is refused', async (t) => {
  const suite = await build(t)
  const sent = telnyxEvent()
  const altered = Buffer.from(sent.body)
  altered[altered.indexOf('incoming')] = 0x49
  t.match(await post(suite.url, { ...sent, body: altered }), {
    status: 401,
    body: { code: 'bad_signature' },
  })
  const big = Buffer.alloc(2_097_153, 0x20)
  t.match(await post(suite.url, { body: big, headers: signBody(big) }), {
    status: 413,
    body: { code: 'body_too_large' },
  })
  const packed = { ...sent.headers, 'content-encoding': 'gzip' }
  t.match(await post(suite.url, { ...sent, headers: packed }), { status: 415 })
  t.strictSame(stored(suite), { events: [], deliveries: [] })
})

t.test('a body beyond the limit is not read to its end, however it is sent', async (t) => {
  const limit = 65_536
  const suite = await build(t, { environment: { WEBHOOK_BODY_LIMIT: String(limit) } })
  const sockets: Socket[] = []
  suite.app.server.on('connection', (socket: Socket) => void sockets.push(socket))
  const piece = Buffer.alloc(16_384, 0x20)
  const chunk = Buffer.concat([Buffer.from('4000\r\n'), piece, Buffer.from('\r\n')])
  /** Goes on sending until the server ends it. @returns what it answered */
  const pour = async (header: string, part: Buffer): Promise<string> => {
    const socket = connectTcp(Number(new URL(suite.url).port), '127.0.0.1')
    const lines = ['POST /webhooks/telnyx HTTP/1.1', 'Host: x', header, '', '']
    socket.write(lines.join('\r\n'))
    const more = (): void => {
      while (socket.writable && socket.write(part));
    }
    socket.on('drain', more)
    socket.on('error', () => {})
    more()
    let answer = ''
    socket.on('data', (data: Buffer) => (answer += String(data)))
    // It may well end with an error: whoever does not listen is cut off.
    await new Promise((resolve) => socket.on('close', resolve))
    return answer
  }
  const heads = [
    ['Transfer-Encoding: chunked', chunk],
    ['Content-Length: 1000000000', piece],
  ] as const
  for (const [header, part] of heads) t.match(await pour(header, part), /^HTTP\/1\.1 413 /, header)
  const packed = 'Content-Encoding: gzip\r\nTransfer-Encoding: chunked'
  t.match(await pour(packed, chunk), /^HTTP\/1\.1 415 /)
  for (const { bytesRead } of sockets)
    t.ok(bytesRead <= limit + 65_536 + 1_024, `${bytesRead} bytes`)
  const before = process.memoryUsage().rss
  const all = await Promise.all(Array.from({ length: 500 }, () => pour(heads[0][0], chunk)))
  t.ok(all.every((answer) => /^HTTP\/1\.1 (413|503) /.test(answer)))
  t.ok(process.memoryUsage().rss - before < 268_435_456, 'no more than bodies under way may take')
  t.match(await post(suite.url, telnyxEvent()), { status: 200 })
})

t.test('every content type is accepted, and none', async (t) => {
  const suite = await build(t)
  const types = [
    'application/json; charset=utf-8',
    'text/plain',
    'application/jwt',
    'application/x-www-form-urlencoded',
  ]
  for (const type of types) {
    const { headers, ...sent } = telnyxEvent()
    const answer = await post(suite.url, { ...sent, headers: { ...headers, 'content-type': type } })
    t.equal(answer.status, 200, type)
  }
  const bare = telnyxEvent()
  const signed = Object.entries(bare.headers).filter(([name]) => name.startsWith('telnyx'))
  const lines = [
    'POST /webhooks/telnyx HTTP/1.1',
    'Host: x',
    'Connection: close',
    `Content-Length: ${bare.body.length}`,
  ]
  const head = [...lines, ...signed.map(([name, value]) => `${name}: ${value}`), '', ''].join(
    '\r\n',
  )
  const socket = connectTcp(Number(new URL(suite.url).port), '127.0.0.1')
  socket.write(Buffer.concat([Buffer.from(head), bare.body]))
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  t.match(answer, /^HTTP\/1\.1 200/, 'no content type at all')
})

t.test('unknown places are named, in problem+json', async (t) => {
  const suite = await build(t)
  const { headers, body } = telnyxEvent()
  const problem = async (path: string) => {
    const answer = await post(suite.url, { headers, body }, path)
    t.match(answer.headers.get('content-type'), /^application\/problem\+json/)
    return answer
  }
  t.match(await problem('/webhooks/nobody'), { status: 404, body: { code: 'provider_not_found' } })
  t.match(await problem('/webhooks/telnyx/7'), {
    status: 400,
    body: { code: 'invalid_uuid', parameter: 'appId', type: 'urn:switchhook:error:invalid_uuid' },
  })
  t.match(await problem('/webhooks/telnyx/00000000-0000-4000-8000-000000000000'), {
    status: 404,
    body: { code: 'app_not_found' },
  })
  t.match(await problem('/elsewhere'), { status: 404, body: { code: 'not_found' } })
  const { id } = suite.app.directory.firstApp
  t.equal((await post(suite.url, { headers, body }, `/webhooks/telnyx/${id}`)).status, 200)
})

t.test('a provider without a credential answers 503 and stores nothing', async (t) => {
  const lines: string[] = []
  const environment = { TELNYX_PUBLIC_KEY: '' }
  const suite = await build(t, { environment, log: (line) => lines.push(line) })
  const answer = await post(suite.url, telnyxEvent())
  t.match(answer, {
    status: 503,
    body: { code: 'provider_not_configured', fix: /TELNYX_PUBLIC_KEY/ },
  })
  t.ok(answer.headers.get('retry-after'))
  t.strictSame(stored(suite), { events: [], deliveries: [] })
  t.notOk(
    lines.some((line) => line.includes('failed')),
    'strangers cannot fill the log',
  )
})

t.test('what the store cannot take is accepted, and in the log as soon as it can', async (t) => {
  const suite = await build(t)
  const { append } = suite.app.journal
  suite.app.journal.append = async () => {
    throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
  }
  const sent = Array.from({ length: 3 }, () => telnyxEvent())
  for (const one of sent) {
    const events = [`telnyx:${one.id}`]
    t.match(await post(suite.url, one), { status: 200, body: { status: 'accepted', events } })
  }
  const health = await (await fetch(`${suite.url}/health`)).json()
  t.match(health, { checks: { spool: { status: 'ok' }, backlog: { status: 'ok' } } })
  const metrics = await (await fetch(`${suite.url}/metrics`)).text()
  t.match(metrics, /switchhook_ingest_spool_deliveries 3\n/)
  suite.app.journal.append = append
  await until(() => stored(suite).events.length === 3)
  const ids = (await suite.app.journal.read(suite.app.directory.firstApp.id, 0, 10)).map(
    ({ id }) => id,
  )
  t.strictSame(
    ids,
    sent.map(({ id }) => `telnyx:${id}`),
    'in the order they came',
  )
  await until(async () => (await post(suite.url, sent[0]!)).body['status'] === 'duplicate')
  t.equal(stored(suite).events.length, 3)
})

t.test('logs and metrics name no secret, number or signature', async (t) => {
  const lines: string[] = []
  const suite = await build(t, { log: (line) => lines.push(line) })
  const sent = telnyxEvent({ payload: { from: '+12025550199' } })
  await post(suite.url, sent)
  await post(suite.url, { ...sent, body: Buffer.from('{}') })
  const client = await connect(suite.url, { token: suite.token })
  await client.close()
  const metrics = await (await fetch(`${suite.url}/metrics`)).text()
  t.match(metrics, /switchhook_ingest_deliveries_total\{provider="telnyx",outcome="accepted"\} 1/)
  t.match(
    metrics,
    /switchhook_ingest_deliveries_total\{provider="telnyx",outcome="bad_signature"\} 1/,
  )
  const all = lines.join('') + metrics
  for (const canary of [
    '2025550199',
    suite.token,
    sent.headers['telnyx-signature-ed25519']!,
    secretsKey,
    telnyxKeys.privateKey,
  ]) {
    t.notOk(all.includes(canary))
  }
})
