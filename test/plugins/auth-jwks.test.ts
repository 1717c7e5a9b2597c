import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { KeySet } from '../../plugins/auth/jwks.ts'
import { authApp, bearer, call } from './auth-app.ts'
import { newSigner, type Signer } from './auth-signers.ts'

/** Who publishes keys; counts how often it is asked. */
interface Publisher {
  readonly url: string
  requests: number
  answer: (response: ServerResponse) => void
  /** Resolves with the next request. */
  asked(): Promise<unknown>
}

async function publisher(t: Test, ...signers: Signer[]): Promise<Publisher> {
  const server = createServer()
  server.on('request', (_request, response) => {
    it.requests += 1
    it.answer(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const it: Publisher = {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}/keys`,
    requests: 0,
    answer: published(...signers.map((signer, index) => signer.jwk(`k${index + 1}`))),
    asked: () => once(server, 'request', { signal: AbortSignal.timeout(30_000) }),
  }
  return it
}

const published =
  (...keys: readonly object[]) =>
  (response: ServerResponse): void => {
    response.setHeader('content-type', 'application/jwk-set+json').end(JSON.stringify({ keys }))
  }

async function serverWith(t: Test, { url }: Publisher) {
  const server = await authApp(t, { environment: { JWT_SECRET: '', JWKS_URL: url } })
  const ask = async (token: string): Promise<string> => {
    const { status, body } = await call(server.url, '/whoami', { headers: bearer(token) })
    return status === 200 ? 'ok' : (body as { code: string }).code
  }
  return { ...server, ask }
}

/** A set whose clock only moves when it is told to. */
function keySet(url: string) {
  const clock = { now: 1_000_000 }
  const failures: string[] = []
  const onFailure = (error: unknown): unknown => failures.push((error as Error).message)
  const keys = new KeySet({ url, onFailure, now: () => clock.now })
  const find = async (kid: string | undefined, alg = 'ES256') =>
    (await keys.find({ alg, ...(kid !== undefined && { kid }) })).length
  return { keys, clock, failures, find }
}

t.test('keys are found by their name, of every kind, each for its own algorithm', async (t) => {
  const kinds = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const
  const signers = kinds.map((kind) => newSigner(kind))
  const { ask } = await serverWith(t, await publisher(t, ...signers))
  for (const [index, signer] of signers.entries()) {
    const kid = `k${index + 1}`
    t.equal(await ask(await signer.sign({}, { kid })), 'ok', signer.algorithm)
    t.equal(await ask(await signer.sign()), 'ok', 'a token need not name its key')
    t.equal(await ask(await newSigner(kinds[index]!).sign({}, { kid })), 'auth_invalid')
    t.equal(await ask(await signer.sign({}, { kid: 'k9' })), 'auth_invalid', 'of another name')
  }
})

t.test('what a token says about where its key is, is not looked at', async (t) => {
  const [ours, evil] = [await publisher(t, newSigner('ES256')), await publisher(t)]
  const thief = newSigner('ES256')
  evil.answer = published(thief.jwk('k9'))
  const { ask } = await serverWith(t, ours)
  for (const header of [{ jku: evil.url }, { x5u: evil.url }, { jwk: thief.jwk() }]) {
    t.equal(await ask(await thief.sign({}, { kid: 'k9', ...header })), 'auth_invalid')
  }
  t.equal(evil.requests, 0)
})

t.test('symmetric, weak, foreign and broken keys of a set are left out', async (t) => {
  const good = newSigner('ES256')
  const from = await publisher(t)
  from.answer = published(
    { kty: 'oct', k: Buffer.from('a secret').toString('base64url'), kid: 'oct' },
    { ...newSigner('RS256').jwk('enc'), use: 'enc' },
    { ...newSigner('ES256').jwk('ops'), key_ops: ['sign'] },
    { ...newSigner('ES256').jwk('alg'), alg: 'RS256' },
    { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'off the curve' },
    { kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'short' },
    null as never,
    'text' as never,
    good.jwk('good'),
  )
  const { find, keys } = keySet(from.url)
  t.equal(await find('good'), 1)
  for (const kid of ['oct', 'enc', 'ops', 'alg', 'off the curve', 'short']) {
    for (const alg of ['HS256', 'RS256', 'ES256']) t.equal(await find(kid, alg), 0, kid)
  }
  keys.close()
})

t.test('a new key is fetched when it is met; however many are unknown, once a while', async (t) => {
  const [first, second] = [newSigner('ES256'), newSigner('ES256')]
  const from = await publisher(t, first)
  const { find, clock, keys } = keySet(from.url)
  t.equal(await find('k1'), 1)
  const flood = Array.from({ length: 500 }, (_, index) => find(`unknown-${index}`))
  t.strictSame(new Set(await Promise.all(flood)), new Set([0]))
  t.equal(from.requests, 1)
  from.answer = published(first.jwk('k1'), second.jwk('k2'))
  clock.now += 29_000
  t.equal(await find('k2'), 0)
  clock.now += 1_000
  const rush = Array.from({ length: 500 }, () => find('k2'))
  t.strictSame(new Set(await Promise.all(rush)), new Set([1]), 'all of them wait for it')
  t.equal(from.requests, 2)
  keys.close()
})

t.test(
  'a withdrawn key is noticed while the others serve, and nobody waits for that',
  async (t) => {
    const [first, second] = [newSigner('ES256'), newSigner('ES256')]
    const from = await publisher(t, first, second)
    const { find, clock, keys } = keySet(from.url)
    t.equal(await find('k1'), 1)
    const { revision } = keys
    from.answer = published(second.jwk('k2'))
    clock.now += 600_001
    t.equal(await find('k1'), 1, 'still')
    await keys.refresh()
    t.equal(await find('k1'), 0)
    t.not(keys.revision, revision, 'what was verified with it is forgotten')
    t.equal(await find('k2'), 1)
    keys.close()
  },
)

t.test('an answer that is late, too long, elsewhere or no set keeps the old keys', async (t) => {
  const from = await publisher(t, newSigner('ES256'))
  const elsewhere = await publisher(t, newSigner('ES256'))
  const { find, clock, failures, keys } = keySet(from.url)
  t.equal(await find('k1'), 1)
  const endless = (response: ServerResponse): void => {
    const more = (): void => {
      while (response.write(' '.repeat(65_536)));
      response.once('drain', more)
    }
    more()
  }
  const answers: [name: string, answer: Publisher['answer'], message: RegExp][] = [
    ['error', (response) => void response.writeHead(500).end('{"keys":[]}'), /500/],
    ['page', (response) => void response.end('<html>'), /JSON/],
    ['no set', (response) => void response.end('{"keys":{}}'), /no JWK Set/],
    ['empty', published(), /no key/],
    ['endless', endless, /more than 262144 bytes/],
    [
      'elsewhere',
      (response) => void response.writeHead(302, { location: elsewhere.url }).end(),
      /fetch failed/,
    ],
    ['cut off', (response) => void response.destroy(), /fetch failed/],
    ['mute', () => {}, /timeout/],
  ]
  for (const [name, answer, message] of answers) {
    from.answer = answer
    clock.now += 30_000
    t.equal(await find('k9'), 0, name)
    t.match(failures.at(-1), message, name)
    t.equal(await find('k1'), 1, 'the old ones serve on')
    from.answer = published(newSigner('ES256').jwk('k1'))
    clock.now += 30_000
    await find('k9')
  }
  t.equal(failures.length, answers.length, 'told once each')
  t.equal(elsewhere.requests, 0)
  keys.close()
})

t.test(
  'the start waits for no keys; whoever comes before there are any is told to wait',
  async (t) => {
    const signer = newSigner('ES256')
    const from = await publisher(t, signer)
    const good = from.answer
    const held: ServerResponse[] = []
    from.answer = (response) => void held.push(response)
    const asked = from.asked()
    const { ask, lines } = await serverWith(t, from)
    await asked
    const early = ask(await signer.sign({}, { kid: 'k1' }))
    held[0]!.writeHead(503).end()
    t.equal(await early, 'unavailable')
    t.equal(lines.filter((line) => line.includes('keys of tokens not fetched')).length, 1)
    const { find, clock, keys } = keySet(from.url)
    from.answer = (response) => void response.writeHead(503).end()
    await t.rejects(find('k1'), { code: 'unavailable', retryAfter: 5 })
    from.answer = good
    clock.now += 5_000
    t.equal(await find('k1'), 1, 'sooner than with keys')
    keys.close()
  },
)
