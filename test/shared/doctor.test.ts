import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { test, type Test } from 'tap'
import { ask, examineWebhooks, type Examined, type Finding } from '@switchhook/shared/doctor'
import { defaultSettings, providers } from '@switchhook/shared/providers'
import { standardWebhooks } from '@switchhook/shared/providers/standard-webhooks'
import { telnyx } from '@switchhook/shared/providers/telnyx'
import { twilio } from '@switchhook/shared/providers/twilio'
import { build } from '../kit/build.ts'
import { freePort } from '../kit/process.ts'
import { telnyxKeys } from '../kit/sender.ts'

const twilioToken = '0123456789abcdef0123456789abcdef'
const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`

/** Examines an endpoint over HTTP. */
function examined(url: string, given: Partial<Examined> = {}): Promise<Finding> {
  const { provider = telnyx } = given
  const path = `/webhooks/${provider.name}`
  const place = { url: url + path, path, localUrl: `http://127.0.0.1:3000${path}` }
  return examineWebhooks({
    provider,
    place: { ...place, configuredUrl: undefined, publicUrl: undefined },
    signingKey: telnyxKeys.privateKey,
    settings: {},
    now: Date.now,
    send: ask,
    ...given,
  })
}

interface Passing {
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Buffer
}

async function listening(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A proxy in front of a suite that changes what passes. */
function proxy(t: Test, upstream: string, change: (passing: Passing) => Passing): Promise<string> {
  const pass = async (request: IncomingMessage): Promise<Response> => {
    const { path, headers, body } = change({
      path: request.url!,
      headers: request.headers as Record<string, string>,
      body: await buffer(request),
    })
    const { host: _, connection: __, 'content-length': ___, ...kept } = headers
    return fetch(upstream + path, {
      method: 'POST',
      headers: kept,
      body: new Uint8Array(body),
      redirect: 'manual',
    })
  }
  return listening(t, (request, response) => {
    void pass(request).then(async (answer) => {
      const date = answer.headers.get('date')
      response.writeHead(answer.status, { ...(date !== null && { date }) })
      response.end(await answer.text())
    })
  })
}

function without(headers: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name))
}

/** Somebody who always answers the same. */
function stranger(t: Test, status: number, headers: Record<string, string> = {}): Promise<string> {
  return listening(t, (request, response) => {
    request.resume()
    response.writeHead(status, headers).end('<h1>Hello</h1>')
  })
}

test('another key is told from another body', async (t) => {
  const { url } = await build(t, { environment: { STANDARD_WEBHOOKS_SECRET: secret } })
  const signingKey = `whsec_${Buffer.alloc(32, 6).toString('base64')}`
  const found = await examined(url, { provider: standardWebhooks, signingKey })
  t.match(found, { ok: false, code: 'wrong_key', fix: /STANDARD_WEBHOOKS_SECRET of the service/ })
  t.notMatch(JSON.stringify(found), /whsec/, 'no secret is printed')
})

test('what a proxy does to a delivery is told by its name', async (t) => {
  const { url } = await build(t)
  const json = (body: Buffer): unknown => JSON.parse(body.toString())
  const cases: readonly [string, (passing: Passing) => Passing, RegExp][] = [
    [
      'body_changed',
      (passing) => ({ ...passing, body: Buffer.from(JSON.stringify(json(passing.body))) }),
      /compact JSON arrives as it was sent, pretty-printed JSON does not/,
    ],
    [
      'body_changed',
      (passing) => ({
        ...passing,
        body: Buffer.from(JSON.stringify(json(passing.body), null, 1).replaceAll(':', ': ')),
      }),
      /not even compact JSON/,
    ],
    [
      'missing_header',
      ({ headers, ...rest }) => ({ ...rest, headers: without(headers, 'telnyx-timestamp') }),
      /telnyx-timestamp is missing, though it was sent/,
    ],
    [
      'malformed_header',
      ({ headers, ...rest }) => ({
        ...rest,
        headers: { ...headers, 'telnyx-timestamp': `${headers['telnyx-timestamp']}.0` },
      }),
      /something on the way changes it/,
    ],
    [
      'body_compressed',
      ({ headers, body, ...rest }) => ({
        ...rest,
        headers: { ...headers, 'content-encoding': 'gzip' },
        body: gzipSync(body),
      }),
      /it was sent uncompressed/,
    ],
    [
      'path_rewritten',
      (passing) => ({ ...passing, path: passing.path.replace('/webhooks', '') }),
      /nothing at POST \/telnyx, where the request for \/webhooks\/telnyx arrived/,
    ],
  ]
  for (const [code, change, message] of cases) {
    const found = await examined(await proxy(t, url, change))
    t.match(found, { ok: false, code, message })
    t.type(found.fix, 'string')
  }
  t.match(await examined(await proxy(t, url, (passing) => passing)), { ok: true, code: 'ok' })
})
test('who is not Switchhook is known by the answer', async (t) => {
  const moved = { location: 'https://calls.example.com/webhooks/telnyx' }
  const cases = [
    [
      await stranger(t, 301, moved),
      'redirected',
      /Give the provider https:\/\/calls\.example\.com/,
    ],
    [await stranger(t, 404), 'path_not_found', /pass \/webhooks\/\* on/],
    [await stranger(t, 413), 'body_too_large', /client_max_body_size/],
    [await stranger(t, 502), 'server_error', /Start the service/],
    [await stranger(t, 500), 'server_error', /log/],
    [await stranger(t, 403), 'refused_in_front', /prove themselves/],
    [await stranger(t, 429), 'rate_limited', /rate limit/],
    [await stranger(t, 200), 'not_switchhook', /webhook-ingest/],
  ] as const
  for (const [url, code, fix] of cases) t.match(await examined(url), { ok: false, code, fix })
})
test('whoever cannot be reached is told why', async (t) => {
  const plain = await stranger(t, 200)
  const mute = createTcpServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  t.teardown(() => mute.close())
  const { port } = mute.address() as AddressInfo
  const cases = [
    [`http://127.0.0.1:${await freePort()}`, 'connection_refused', /nobody listens there/],
    ['http://switchhook.invalid', 'dns_failure', /name/],
    [plain.replace('http:', 'https:'), 'tls_fault', /does not speak TLS/],
    [`http://127.0.0.1:${port}`, 'connection_lost', /closed without an answer/],
  ] as const
  for (const [url, code, message] of cases) {
    t.match(await examined(url), { ok: false, code, message })
  }
})
test('faults of certificates and of time are told in words', async (t) => {
  const failing = (cause: Error): Examined['send'] => {
    const failure = new TypeError('fetch failed', { cause })
    return async () => ({ failure })
  }
  const url = 'https://calls.example.com'
  for (const [code, word, message] of [
    ['CERT_HAS_EXPIRED', 'tls_fault', /the certificate has expired/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls_fault', /for another name/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls_fault', /between its own and a known root/],
    ['ERR_SSL_TLSV1_ALERT', 'tls_fault', /alas/],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout', /no answer in time/],
    ['SOMETHING_ELSE', 'unreachable', /alas/],
  ] as const) {
    const cause = Object.assign(new Error('alas'), { code })
    t.match(await examined(url, { send: failing(cause) }), { ok: false, code: word, message })
  }
  const slow = new DOMException('too slow', 'TimeoutError')
  const found = await examined(url, { send: async () => ({ failure: slow }) })
  t.match(found, { ok: false, code: 'timeout' })
})

test('the sample of every provider is one event that is of no call, or of a marked one', async (t) => {
  for (const provider of providers) {
    const { signingKey, credential } = provider.simulator.newKeys()
    const { url, app } = await build(t, { environment: { [provider.credentialName]: credential } })
    const found = await examined('http://127.0.0.1:3000', {
      provider,
      signingKey,
      settings: defaultSettings(provider),
      send: (called, delivery) => ask(called.replace('http://127.0.0.1:3000', url), delivery),
    })
    t.match(found, { ok: true, code: 'ok' }, provider.name)
    const events = await app.journal.read(app.directory.firstApp.id, 0, 10)
    t.equal(events.length, 1, provider.name)
    t.match(events[0]!.call ?? 'doctor-', /doctor-/, provider.name)
    t.match(events, [{ type: 'provider.event', data: /switchhook.doctor/ }], provider.name)
  }
})

test('a clock that is off is told with its seconds, also while samples still pass', async (t) => {
  const at = async (seconds: number): Promise<Finding> => {
    const { url } = await build(t, { now: () => Date.now() + seconds * 1_000 })
    return examined(url)
  }
  const about = (seconds: number): string => `(${seconds - 1}|${seconds}|${seconds + 1}) s`
  const agrees = "the endpoint's Date header agrees with this machine"
  for (const [seconds, ok, direction] of [
    [400, false, 'ahead'],
    [-400, false, 'behind'],
    [120, true, 'ahead'],
    [-120, true, 'behind'],
  ] as const) {
    const found = await at(seconds)
    t.match(found, { ok, code: 'clock_skew', fix: /^Set the clock of the service's machine/ })
    const says = `(refused for its time: )?the clock of the service is ${about(Math.abs(seconds))} ${direction}: ${agrees}`
    t.match(found.message, new RegExp(says))
  }
  t.match(await at(20), { ok: true, code: 'ok' })
})
const path = '/webhooks/twilio'
const localUrl = `http://10.1.2.3:3000${path}`

/** Examines a suite that believes to be called at one URL, and is called at another, which a proxy serves. */
async function calledAs(
  t: Test,
  {
    called,
    believed,
    token = twilioToken,
  }: Record<'called' | 'believed', string> & { token?: string },
): Promise<Finding> {
  const environment = { TWILIO_AUTH_TOKEN: twilioToken, TWILIO_PUBLIC_URL: believed }
  const suite = await build(t, { environment })
  const publicUrl = 'https://old.example.com/'
  return examined('', {
    provider: twilio,
    signingKey: token,
    place: { url: called, path, localUrl, publicUrl, configuredUrl: undefined },
    send: (_, delivery) => ask(suite.url + path, delivery),
  })
}

test('another URL than the one that is signed is found, with the setting to change', async (t) => {
  const cases = [
    [`https://calls.example.com${path}`, `http://calls.example.com${path}`],
    [`https://calls.example.com:8443${path}`, `https://calls.example.com${path}`],
    [`https://calls.example.com${path}`, `https://calls.example.com${path}/`],
    [`https://calls.example.com${path}`, `https://old.example.com${path}`],
    ['https://calls.example.com/hooks/twilio', `https://calls.example.com${path}`],
    [`https://calls.example.com${path}`, localUrl],
  ] as const
  for (const [called, believed] of cases) {
    const found = await calledAs(t, { called, believed })
    t.match(found, { ok: false, code: 'wrong_public_url' })
    t.ok(found.message.endsWith(`takes itself for ${believed}`), found.message)
    t.match(found.fix, `Set TWILIO_PUBLIC_URL=${called}, or `)
  }
})

test('what nobody but us calls may have another name', async (t) => {
  const believed = `https://old.example.com${path}`
  const found = await calledAs(t, { called: `http://127.0.0.1:3000${path}`, believed })
  t.match(found, { ok: true, code: 'ok', message: `signs ${believed}`, fix: null })
})

test('a key and a URL that are both unknown are named both', async (t) => {
  const called = `https://calls.example.com${path}`
  const token = twilioToken.replace('0', '9')
  const found = await calledAs(t, { called, believed: called, token })
  t.match(found, { ok: false, code: 'wrong_key', fix: /TWILIO_AUTH_TOKEN .* TWILIO_PUBLIC_URL/ })
})

test('whose clock is off is told by three clocks', async (t) => {
  const refusing = (date: string | undefined): Examined['send'] => {
    const problem = { code: 'timestamp_too_old', detail: 'The signed timestamp is 400 s old' }
    return async () => ({
      status: 401,
      headers: { date },
      body: JSON.stringify(problem),
      atMs: Date.parse('2026-01-01T00:00:00Z'),
    })
  }
  const says = async (date: string | undefined): Promise<string> =>
    (await examined('https://calls.example.com', { send: refusing(date) })).message
  t.match(
    await says('Thu, 01 Jan 2026 00:00:01 GMT'),
    /for its time: the clock of the service is 400 s ahead: /,
  )
  t.match(
    await says('Thu, 01 Jan 2026 00:06:41 GMT'),
    /for its time: the clock of this machine is 400 s behind: the service and the endpoint's Date/,
  )
  t.match(await says('Thu, 01 Jan 2026 01:00:00 GMT'), /differs from both/)
  t.match(await says(undefined), /the clock of the service is 400 s ahead of this machine's$/)
})
