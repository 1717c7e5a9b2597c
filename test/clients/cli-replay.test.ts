import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import { test, type Test } from 'tap'
import { forward } from '../../clients/cli/replay/forward.ts'
import { build, internalSecret, temporaryDir } from '../kit/build.ts'
import { freePort } from '../kit/process.ts'
import { post, signBody, telnyxEvent } from '../kit/sender.ts'
import { runCli, startCli } from './run-cli.ts'
import type { AddressInfo } from 'node:net'
import type { EventFrame } from '@switchhook/shared/events'

const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`
const settings = { INTERNAL_API_SECRET: `${internalSecret},${'o'.repeat(32)}` }
const range = ['--from', '2026-09-21T14:00:00Z', '--to', '2026-09-21T15:00:00+00:00']

function frame(seq: number): EventFrame {
  return {
    event: 'call-initiated',
    seq,
    prev: seq - 1,
    id: `telnyx:${seq}`,
    time: '2026-09-21T14:13:20.000Z',
    call: 'call-1',
    replay: true,
    data: {
      call: null,
      leg_id: null,
      direction: 'inbound',
      from: '+12025550133',
      to: null,
      agent: null,
      state: null,
      details: {},
      raw_type: 'call.initiated',
      raw_ref: 'r',
    },
  }
}

interface Asked {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Something that listens, and remembers what it was asked. */
async function listening(t: Test, answer: (asked: Asked, response: ServerResponse) => void) {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', headers } = request
      const one = { method, headers, body, url: new URL(request.url!, 'http://localhost') }
      asked.push(one)
      answer(one, response)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

/** A service with so many events, two a page and an empty page between. */
function serviceWith(t: Test, count: number) {
  return listening(t, ({ url, headers }, response) => {
    if (headers.authorization !== `Bearer ${internalSecret}`) {
      const detail = 'Invalid authentication token'
      const problem = { code: 'internal_auth_wrong', detail, fix: 'Compare it.' }
      response.writeHead(403).end(JSON.stringify(problem))
      return
    }
    const after = Number(url.searchParams.get('after') ?? 0)
    const page = Math.floor(after / 10)
    const events = [1, 2].map((each) => page * 10 + each).filter((seq) => seq > after)
    const left = page * 2 < count - 2
    const next = left ? String(page * 10 + 10) : null
    response.end(JSON.stringify({ events: page === 1 ? [] : events.map(frame), next }))
  })
}

test('events of the past are printed a line each, page by page', async (t) => {
  const { url, asked } = await serviceWith(t, 6)
  const app = 'c7a53ba0-8f7b-4f4c-9b0e-6d1f7fa2c001'
  const args = ['replay', ...range, '--url', url, '--call', 'call-1', '--app', app]
  const { code, stdout, stderr } = await runCli(t, args, settings)
  t.equal(code, 0, stderr)
  t.strictSame(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    [1, 2, 21, 22].map(frame),
  )
  t.equal(stderr, '4 events\n')
  const [first, ...others] = asked
  t.strictSame(Object.fromEntries(first!.url.searchParams), {
    from: '2026-09-21T14:00:00.000Z',
    to: '2026-09-21T15:00:00.000Z',
    call: 'call-1',
    app,
  })
  t.equal(first!.url.pathname, '/internal/replay')
  t.strictSame(
    others.map((one) => one.url.searchParams.get('after')),
    ['10', '20'],
  )
})

test('how long ago is a time too, and the secret of this machine opens the door', async (t) => {
  const { url, asked } = await serviceWith(t, 2)
  const DATA_DIR = temporaryDir(t)
  mkdirSync(join(DATA_DIR, 'secrets'))
  writeFileSync(join(DATA_DIR, 'secrets/INTERNAL_API_SECRET'), `${internalSecret}\n`)
  const { port } = new URL(url)
  const { code } = await runCli(t, ['replay', '--from', '2h'], { DATA_DIR, ADMIN_PORT: port })
  t.equal(code, 0)
  const query = asked[0]!.url.searchParams
  const [from, to] = [query.get('from')!, query.get('to')!].map(Date.parse)
  t.equal(to! - from!, 7_200_000)
})

test('each event is forwarded once, in order, as the library of the standard verifies it', async (t) => {
  const service = await serviceWith(t, 6)
  const consumer = await listening(t, (_, response) => void response.writeHead(204).end())
  const args = ['replay', ...range, '--url', service.url, '--forward', `${consumer.url}/hook`]
  const { code, stdout } = await runCli(t, args, { ...settings, REPLAY_FORWARD_SECRET: secret })
  t.equal(code, 0)
  t.match(stdout, /^forwarded {2}seq 1 {2}telnyx:1\n/)
  t.strictSame(
    consumer.asked.map(({ headers }) => headers['webhook-id']),
    ['telnyx:1', 'telnyx:2', 'telnyx:21', 'telnyx:22'],
  )
  for (const { headers, body, method, url } of consumer.asked) {
    t.match({ method, path: url.pathname }, { method: 'POST', path: '/hook' })
    const said = new Webhook(secret).verify(body, headers as Record<string, string>)
    t.match(said, { type: 'call.initiated', timestamp: frame(1).time, data: { replay: true } })
  }
})

test('a consumer that fails is asked five times, as soon as it says, then it is said where to go on', async (t) => {
  const service = await serviceWith(t, 6)
  const consumer = await listening(t, ({ headers }, response) => {
    const isDown = headers['webhook-id'] === 'telnyx:2'
    response.writeHead(isDown ? 503 : 200, { 'retry-after': '0' }).end()
  })
  const args = ['replay', ...range, '--url', service.url, '--forward', consumer.url]
  const { code, stderr } = await runCli(t, [...args, '--secret', secret], settings)
  t.equal(code, 1)
  t.match(stderr, /does not take telnyx:2: it answers 503 \(5 attempts\)/)
  t.match(
    stderr,
    'After 1 event; to go on from here: --from 2026-09-21T14:00:00.000Z --to 2026-09-21T15:00:00.000Z --after 1',
  )
  t.equal(consumer.asked.length, 6)
})

test('a consumer that comes back gets the event, and one that refuses for good is not asked again', async (t) => {
  const answers = [500, 429, 200]
  const flaky = await listening(t, (_, response) => void response.writeHead(answers.shift()!).end())
  const { signal } = new AbortController()
  const consumer = { url: new URL(flaky.url), secret, signal, pauseMs: 1 }
  await forward(frame(1), consumer)
  t.equal(flaky.asked.length, 3)
  for (const [status, headers] of [
    [410, {}],
    [301, { location: '/elsewhere' }],
    [503, { 'retry-after': '86400' }],
  ] as const) {
    const gone = await listening(t, (_, response) => void response.writeHead(status, headers).end())
    await t.rejects(forward(frame(1), { ...consumer, url: new URL(gone.url) }), {
      message: `${new URL(gone.url).href} does not take telnyx:1: it answers ${status}`,
    })
    t.equal(gone.asked.length, 1)
  }
  const nobody = new URL(`http://127.0.0.1:${await freePort()}`)
  await t.rejects(forward(frame(1), { ...consumer, url: nobody }), /ECONNREFUSED.*5 attempts/)
})

test('an id that no header can hold is escaped in it', async (t) => {
  const { url, asked } = await listening(t, (_, response) => void response.end())
  const { signal } = new AbortController()
  await forward({ ...frame(1), id: 'x:ä\n\ud800' }, { url: new URL(url), secret, signal })
  t.equal(asked[0]!.headers['webhook-id'], 'x:%C3%A4%0A%EF%BF%BD')
})

test('quarantined deliveries are read anew to the end, and counted', async (t) => {
  const { url, asked } = await listening(t, ({ body }, response) => {
    const { after } = JSON.parse(body) as { after?: string }
    const counts = { deliveries: 3, accepted: 1, duplicate: 1, quarantined: 1, purged: 0 }
    response.end(JSON.stringify({ ...counts, next: after === undefined ? 'x' : null }))
  })
  const args = ['replay', '--quarantined', ...range, '--url', url, '--call', 'c1']
  const { code, stdout } = await runCli(t, args, settings)
  t.equal(code, 0)
  t.equal(
    stdout,
    '6 deliveries read anew: 2 now understood, 2 still not, 2 known before, 0 forgotten\n',
  )
  t.strictSame(
    asked.map(({ method, body }) => [method, (JSON.parse(body) as { after?: string }).after]),
    [
      ['POST', undefined],
      ['POST', 'x'],
    ],
  )
  const json = await runCli(t, [...args, '--json'], settings)
  t.match(JSON.parse(json.stdout), { ok: true, deliveries: 6, accepted: 2 })
})

test('the real service hands out a call again, and reads anew what it did not understand', async (t) => {
  const { url } = await build(t)
  await post(url, telnyxEvent())
  await post(url, telnyxEvent({ call: 'call-2' }))
  await post(url, telnyxEvent({ type: 'call.answered' }))
  const odd = Buffer.from('{}')
  t.match((await post(url, { body: odd, headers: signBody(odd) })).body, { status: 'quarantined' })
  const args = ['replay', '--from', '1h', '--url', url]
  const { code, stdout, stderr } = await runCli(t, [...args, '--call', 'call-1'], settings)
  t.equal(code, 0, stderr)
  const frames = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as EventFrame)
  t.match(frames, [
    { event: 'call-initiated', seq: 1, call: 'call-1', replay: true },
    { event: 'call-answered', seq: 3, call: 'call-1', replay: true },
  ])
  t.equal(frames.length, 2)
  const anew = await runCli(t, [...args, '--quarantined', '--json'], settings)
  const counts = { deliveries: 4, accepted: 0, duplicate: 3, quarantined: 1, purged: 0 }
  t.strictSame(JSON.parse(anew.stdout), { ok: true, ...counts })
})

test('Ctrl-C ends a replay that waits, and says where to go on', async (t) => {
  const service = await serviceWith(t, 6)
  const consumer = await listening(t, ({ headers }, response) => {
    if (headers['webhook-id'] !== 'telnyx:2') response.end()
  })
  const args = ['replay', ...range, '--url', service.url, '--forward', consumer.url]
  const running = startCli(t, [...args, '--secret', secret], settings)
  await running.printed(/seq 1/)
  t.equal(await running.stop('SIGINT'), 1)
  t.match(running.stderr, /interrupted\nAfter 1 event; to go on from here: .* --after 1\n/)
})

test('wrong usage is 2, a service that refuses is 1, with what to do', async (t) => {
  const { url } = await serviceWith(t, 2)
  const circle = await listening(t, (_, response) => {
    response.end(JSON.stringify({ events: [], next: '7' }))
  })
  const from = ['--from', '2h', '--url', url]
  const cases = [
    [[], 2, /--from is required/],
    [['--from', 'yesterday'], 2, /--from must be like 2026-09-21T14:00:00Z/],
    [['--from', '1h', '--to', '2h'], 2, /--from 1h is later than --to 2h/],
    [[...from, '--after', 'x'], 2, /--after must be/],
    [[...from, '--app', 'x'], 2, /--app 'x' is not a UUID/],
    [[...from, '--secret', secret], 2, /--secret needs --forward/],
    [[...from, '--forward', url], 2, /REPLAY_FORWARD_SECRET is required/],
    [[...from, '--forward', url, '--secret', 'whsec_x'], 2, /is no secret to sign with/],
    [[...from, '--quarantined', '--after', '1'], 2, /takes no --forward and no --after/],
    [['--from', '2h', '--url', circle.url], 1, /does not say how to go on/],
    [['--from', '2h', '--url', `${url}/x`], 0, /2 events/],
  ] as const
  for (const [args, code, message] of cases) {
    const result = await runCli(t, ['replay', ...args], settings)
    t.equal(result.code, code, args.join(' '))
    t.match(result.stderr, message)
    t.notMatch(result.stderr, secret.slice(10))
  }
  const wrong = await runCli(t, ['replay', ...from], { INTERNAL_API_SECRET: 'w'.repeat(32) })
  t.match(wrong, { code: 1, stderr: /403 internal_auth_wrong: .*\nCompare it\./ })
  const none = await runCli(t, ['replay', ...from], { DATA_DIR: temporaryDir(t) })
  t.match(none, { code: 1, stderr: /INTERNAL_API_SECRET is not set/ })
})
