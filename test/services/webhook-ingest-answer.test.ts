import { once } from 'node:events'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { Value } from 'typebox/value'
import admin from '@switchhook/plugins/admin'
import metrics from '@switchhook/plugins/metrics'
import { loggerOptions } from '@switchhook/services/log'
import { createServer } from '@switchhook/services/server'
import { answering, answerMistakes, Options } from '@switchhook/services/webhook-ingest/answer'
import { vapi } from '@switchhook/shared/providers/vapi'
import { temporaryDir } from '../kit/build.ts'
import { watchLog } from '../kit/canary.ts'
import { until } from '../kit/until.ts'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Delivery } from '@switchhook/shared/providers'

type Bounds = { readonly deadlineMs?: number; readonly mostUnderWay?: number }

const secret = vapi.simulator.newKeys().signingKey
const staticAnswer = { assistantId: 'static' }
const file = { default: staticAnswer, 'tool-calls': { results: [] } }

/** What Vapi sends of a type, with its credential. */
function question(type = 'assistant-request', more: object = {}): Delivery {
  const body = Buffer.from(JSON.stringify({ message: { type, ...more } }))
  const url = 'https://calls.example.com/webhooks/vapi'
  return vapi.simulator.sign(body, { signingKey: secret, nowSeconds: 0, url, settings: {} })
}

/** Serves until the test ends. @returns its address */
async function serve(t: Test, listener: RequestListener): Promise<string> {
  const server = createHttpServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/relay?key=hidden`
}

/** A relay that answers everything with a text. */
function told(t: Test, text: string, { status = 200, headers = {} } = {}): Promise<string> {
  return serve(t, (request, response) => {
    request.resume()
    request.on('end', () => response.writeHead(status, headers).end(text))
  })
}

function fileWith(t: Test, content: unknown): string {
  const path = join(temporaryDir(t), 'answers.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

/** Answering with a registry and a log of its own. */
async function answers(t: Test, options: Options, bounds: Bounds = {}) {
  const lines: string[] = []
  const watch = watchLog(t, [secret, 'hidden'])
  const write = (line: string): void => {
    watch(line)
    lines.push(line)
  }
  const log = loggerOptions({ level: 'debug', pii: 'masked' }, { write })
  const app = createServer({ log, trustProxy: [] })
  await app.register(admin, { host: '127.0.0.1' }).register(metrics, { service: 't', version: '0' })
  const own = answering(options, { log: app.log, metrics: app.metrics, ...bounds })
  t.teardown(async () => {
    await own.close()
    await app.close()
  })
  return { ...own, lines, counted: () => counts(app.metrics) }
}

/** What was counted, by label. */
async function counts(registry: Parameters<typeof answering>[1]['metrics']) {
  const names = ['switchhook_ingest_answers_total', 'switchhook_ingest_relay_failures_total']
  const all = await Promise.all(names.map((name) => registry.getSingleMetric(name)!.get()))
  return Object.fromEntries(
    all.flatMap(({ values }) =>
      values.map(({ labels, value }): [string, number] => [Object.values(labels).join(), value]),
    ),
  )
}

test('the relay gets the body as it came, without our credential, and its answer is given', async (t) => {
  const asked: { asked: string; headers: IncomingHttpHeaders; body: Buffer }[] = []
  const relayUrl = await serve(t, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      asked.push({ asked: `${method} ${url}`, headers, body: Buffer.concat(chunks) })
      response.end('{"assistant":{"name":"Ann"},"__proto__":{"x":1}}')
    })
  })
  const { answer, counted } = await answers(t, { relayUrl })
  const delivery = question('assistant-request', { note: 'naïve \ud800' })
  const given = await answer(delivery)
  t.equal(JSON.stringify(given), '{"assistant":{"name":"Ann"},"__proto__":{"x":1}}')
  await answer(delivery)
  const [first, again] = asked
  t.same(first?.body, delivery.body)
  t.equal(first?.asked, 'POST /relay?key=hidden')
  t.match(first?.headers, {
    'content-type': 'application/json',
    'x-switchhook-provider': 'vapi',
    'x-switchhook-delivery': /^[\da-f]{64}$/,
  })
  t.notOk(JSON.stringify(first?.headers).includes(secret))
  t.notOk(Object.keys(first?.headers ?? {}).some((name) => /^(x-vapi|authorization)/.test(name)))
  t.equal(again?.headers['x-switchhook-delivery'], first?.headers['x-switchhook-delivery'])
  t.strictSame(await counted(), { relayed: 2 })
})

test('credentials in Authorization are kept from the relay too', async (t) => {
  let authorization: string | undefined = 'none'
  const relayUrl = await serve(t, (request, response) => {
    authorization = request.headers.authorization
    response.end('{}')
  })
  const { answer } = await answers(t, { relayUrl })
  const delivery = question()
  await answer({ ...delivery, headers: { authorization: `Bearer ${secret}` } })
  t.equal(authorization, undefined)
})

test('a relay that gives no answer is counted and logged, and the static one is given', async (t) => {
  const redirect = await told(t, '', { status: 302, headers: { location: 'http://127.0.0.1:1/' } })
  const relays: [string, string, string][] = [
    ['an error', 'status', await told(t, '{"error":"x"}', { status: 500 })],
    ['a redirect', 'status', redirect],
    ['a page', 'not_a_json_object', await told(t, '<html>')],
    ['nothing', 'not_a_json_object', await told(t, '')],
    ['a list', 'not_a_json_object', await told(t, '[{}]')],
    ['what cannot be written', 'not_a_json_object', await told(t, deep(200_000))],
    ['too much', 'too_large', await told(t, JSON.stringify({ x: 'x'.repeat(1_048_576) }))],
    ['an end in the middle', 'unreachable', await serve(t, breakOff)],
    ['no connection', 'unreachable', 'http://127.0.0.1:1/relay?key=hidden'],
  ]
  for (const [name, reason, relayUrl] of relays) {
    const options = { relayUrl, staticAnswerFile: fileWith(t, file) }
    const { answer, counted, lines } = await answers(t, options)
    t.strictSame(await answer(question()), staticAnswer, name)
    t.strictSame(await counted(), { static: 1, [reason]: 1 })
    t.match(lines.join(''), `"reason":"${reason}"`)
    const alone = await answers(t, { relayUrl })
    t.equal(await alone.answer(question()), null, `${name}, and no file`)
    t.strictSame(await alone.counted(), { receipt: 1, [reason]: 1 })
  }
})

function deep(levels: number): string {
  return `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`
}

const breakOff: RequestListener = (request, response) => {
  response.writeHead(200, { 'content-length': '100' })
  response.write('{"assistantId"')
  request.resume()
  request.on('end', () => request.socket.destroy())
}

test('the largest answer is just that', async (t) => {
  const text = JSON.stringify({ x: 'x'.repeat(1_048_576 - 8) })
  t.equal(text.length, 1_048_576)
  const { answer } = await answers(t, { relayUrl: await told(t, text) })
  t.equal(JSON.stringify(await answer(question())), text)
})

test('a redirect is not followed', async (t) => {
  let followed = false
  const target = await serve(t, (_, response) => {
    followed = true
    response.end('{}')
  })
  const relayUrl = await told(t, '', { status: 307, headers: { location: target } })
  const { answer } = await answers(t, { relayUrl })
  t.equal(await answer(question()), null)
  t.notOk(followed)
})

test('a relay that takes too long is given up, also in the middle of its answer', async (t) => {
  const silent = await serve(t, (request) => void request.resume())
  const slow = await serve(t, (request, response) => {
    response.write('{"assistantId":')
    request.resume()
  })
  for (const relayUrl of [silent, slow]) {
    const options = { relayUrl, staticAnswerFile: fileWith(t, file) }
    const { answer, counted } = await answers(t, options, { deadlineMs: 50 })
    t.strictSame(await answer(question()), staticAnswer)
    t.strictSame(await counted(), { static: 1, timeout: 1 })
  }
})

test('beyond so many questions at a time the static answer is given at once', async (t) => {
  const waiting: (() => void)[] = []
  const relayUrl = await serve(t, (request, response) => {
    request.resume()
    waiting.push(() => response.end('{"assistantId":"relayed"}'))
  })
  const options = { relayUrl, staticAnswerFile: fileWith(t, file) }
  const { answer, counted } = await answers(t, options, { mostUnderWay: 2 })
  const first = [answer(question()), answer(question())]
  t.strictSame(await answer(question()), staticAnswer)
  await until(() => waiting.length === 2)
  for (const end of waiting.splice(0)) end()
  const relayed = { assistantId: 'relayed' }
  t.strictSame(await Promise.all(first), [relayed, relayed])
  const next = answer(question())
  await until(() => waiting.length === 1)
  waiting[0]!()
  t.strictSame(await next, relayed, 'there is room again')
  t.strictSame(await counted(), { relayed: 3, static: 1, busy: 1 })
})

test('what is under way when it closes is given up, and nothing is asked after', async (t) => {
  let asked = 0
  const relayUrl = await serve(t, (request) => {
    asked += 1
    request.resume()
  })
  const { answer, close, counted } = await answers(t, { relayUrl })
  const underWay = answer(question())
  await until(() => asked === 1)
  await close()
  t.equal(await underWay, null)
  t.equal(await answer(question()), null)
  t.equal(asked, 1)
  t.strictSame(await counted(), { receipt: 2, closed: 2 })
})

test('static answers are by type, with one for all others, or none', async (t) => {
  const { answer, counted } = await answers(t, { staticAnswerFile: fileWith(t, file) })
  t.strictSame(await answer(question('tool-calls')), { results: [] })
  t.strictSame(await answer(question('knowledge-base-request')), staticAnswer)
  t.strictSame(await counted(), { static: 2 })
  const only = { 'assistant-request': { assistantId: 'a' } }
  const few = await answers(t, { staticAnswerFile: fileWith(t, only) })
  t.equal(await few.answer(question('tool-calls')), null)
  t.strictSame(await few.counted(), { receipt: 1 })
  const none = await answers(t, {})
  t.equal(await none.answer(question()), null)
})

test('what waits for no answer gets none, and is not relayed', async (t) => {
  const relayUrl = await serve(t, () => t.fail('it was relayed'))
  const options = { relayUrl, staticAnswerFile: fileWith(t, file) }
  const { answer, counted } = await answers(t, options)
  t.equal(await answer(question('status-update')), null)
  t.equal(await answer({ ...question(), body: Buffer.from('{') }), null)
  t.strictSame(await counted(), {})
})

test('the file is read again when it changes; a broken one leaves the answers as they were', async (t) => {
  const path = fileWith(t, file)
  const { answer, lines } = await answers(t, { staticAnswerFile: path })
  const replace = (text: string) => {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
  replace('{"default":{"assistantId":"second"}}')
  t.strictSame(await answer(question()), { assistantId: 'second' })
  replace('{"default":')
  t.strictSame(await answer(question()), { assistantId: 'second' })
  t.strictSame(await answer(question()), { assistantId: 'second' })
  const complaints = () => lines.filter((line) => line.includes('static answers not usable'))
  t.equal(complaints().length, 1, 'it is said once')
  rmSync(path)
  t.strictSame(await answer(question()), { assistantId: 'second' })
  t.equal(complaints().length, 2)
  replace('{"default":{"assistantId":"third"}}')
  t.strictSame(await answer(question()), { assistantId: 'third' })
})

test('a file that is not usable is a mistake at the start, in words that do not repeat it', async (t) => {
  const mistakeOf = (content: unknown) => {
    const staticAnswerFile = fileWith(t, content)
    const [mistake] = answerMistakes({ staticAnswerFile })
    const parts = {} as Parameters<typeof answering>[1]
    if (mistake) t.throws(() => answering({ staticAnswerFile }, parts), mistake.reason)
    return mistake
  }
  const name = 'VAPI_STATIC_ANSWER_FILE'
  t.match(mistakeOf('{"default":"s3cret'), { name, reason: /not a JSON object/ })
  t.notMatch(mistakeOf('{"default":"s3cret')?.reason, 's3cret')
  t.match(mistakeOf([]), { name, reason: /not a JSON object/ })
  t.match(mistakeOf({ default: 's3cret' }), { name, reason: "the answer to 'default' is not a" })
  t.match(mistakeOf({ assistantId: 'x' }), { name, reason: /'assistantId' is none of assistant-/ })
  t.match(mistakeOf(' '.repeat(1_048_577)), { name, reason: /larger than 1 MiB/ })
  t.equal(mistakeOf({}), undefined)
  t.equal(mistakeOf(file), undefined)
  const missing = { staticAnswerFile: join(temporaryDir(t), 'missing.json') }
  t.match(answerMistakes(missing), [{ name, reason: /cannot be read: ENOENT/ }])
  const folder = { staticAnswerFile: temporaryDir(t) }
  t.match(answerMistakes(folder), [{ name, reason: /cannot be read: EISDIR/ }])
})

test('a relay is an http(s) URL without a user in it', async (t) => {
  const isRight = (relayUrl: string) => Value.Check(Options, { relayUrl })
  for (const url of ['http://a', 'https://a.test:8443/x?key=1', 'http://[::1]:9/a@b']) {
    t.ok(isRight(url), url)
    t.strictSame(answerMistakes({ relayUrl: url }), [])
  }
  for (const url of [
    '',
    'a.test',
    'ftp://a.test',
    'https://u:p@a.test/',
    'http://',
    'http://a b',
  ]) {
    t.notOk(isRight(url), url)
  }
  const name = 'VAPI_RELAY_URL'
  t.match(answerMistakes({ relayUrl: 'http://a:99999/' }), [{ name, reason: 'is not' }])
  t.strictSame(answerMistakes({}), [])
})
