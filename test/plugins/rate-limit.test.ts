import t from 'tap'
import { build, internalSecret, jwtSecret } from '../kit/build.ts'
import { signToken } from '../kit/token.ts'

const environment = {
  RATE_LIMIT_CALLS: '3',
  RATE_LIMIT_INTERNAL: '2',
  TRUST_PROXY: '127.0.0.0/8',
}

interface From {
  readonly address?: string
  readonly bearer?: string
  readonly headers?: Record<string, string>
  readonly method?: string
}

/** Asks as if from an address, as the proxy in front says. */
async function ask(url: string, path: string, from: From = {}) {
  const { address = '192.0.2.1', bearer, headers, method = 'GET' } = from
  const response = await fetch(new URL(path, url), {
    method,
    headers: {
      'x-forwarded-for': address,
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...headers,
    },
    signal: AbortSignal.timeout(30_000),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text }
}

type Answer = Awaited<ReturnType<typeof ask>>

async function inTurn(count: number, work: (index: number) => Promise<Answer>): Promise<number[]> {
  const statuses: number[] = []
  for (let index = 0; index < count; index += 1) statuses.push((await work(index)).status)
  return statuses
}

t.test('every answer tells how much is left, and the last one when there is more', async (t) => {
  const { url, token: bearer } = await build(t, { environment })
  for (const remaining of [2, 1, 0]) {
    const { status, headers } = await ask(url, '/api/presence', { bearer })
    t.equal(status, 200)
    t.equal(headers.get('ratelimit-limit'), '3')
    t.equal(headers.get('ratelimit-remaining'), String(remaining))
    t.match(headers.get('ratelimit-reset'), /^([1-5]?\d|60)$/)
    t.equal(headers.get('ratelimit-policy'), '"calls";q=3;w=60')
    t.match(
      String(headers.get('ratelimit')),
      new RegExp(`^"calls";r=${remaining};t=([1-5]?\\d|60)$`),
    )
    t.equal(headers.get('retry-after'), null)
  }
  const { status, headers, text } = await ask(url, '/api/presence', { bearer })
  t.equal(status, 429)
  t.match(String(headers.get('content-type')), 'application/problem+json')
  t.equal(headers.get('ratelimit-remaining'), '0')
  t.equal(headers.get('retry-after'), headers.get('ratelimit-reset'))
  t.match(JSON.parse(text), { code: 'rate_limited', status: 429, fix: /^Retry after \d+ s/ })
})

t.test('errors of a route count like answers', async (t) => {
  const { url, token: bearer } = await build(t, { environment })
  const wrong = await ask(url, '/api/events?limit=0', { bearer })
  t.equal(wrong.status, 400)
  t.equal(wrong.headers.get('ratelimit-remaining'), '2')
  const foreign = { origin: 'https://evil.example' }
  const refused = await ask(url, '/api/ws/ticket', { bearer, headers: foreign, method: 'POST' })
  t.equal(refused.status, 403)
  t.equal(refused.headers.get('ratelimit-remaining'), '2', 'of the address: it was not looked at')
})

t.test('each user and each key has its own share, whatever address it comes from', async (t) => {
  const { url, app, token } = await build(t, { environment })
  const other = await signToken(jwtSecret, { sub: 'u2' })
  const key = (await app.access.keys.create(app.directory.firstApp.id))!.key
  const asks = (from: From) =>
    inTurn(4, (index) =>
      ask(url, '/api/presence', {
        ...from,
        address: `192.0.2.${index}`,
      }),
    )
  t.strictSame(await asks({ bearer: token }), [200, 200, 200, 429])
  t.strictSame(await asks({ bearer: other }), [200, 200, 200, 429])
  t.strictSame(await asks({ headers: { 'x-app-api-key': key } }), [200, 200, 200, 429])
  const again = await signToken(jwtSecret, { email: 'fresh@example.com' })
  t.strictSame(await asks({ bearer: again }), [429, 429, 429, 429], 'a new token, the same user')
})

t.test('whoever guesses is slowed down and uses up nobody’s share', async (t) => {
  const { url, token } = await build(t, { environment })
  const guess = (index: number) =>
    ask(url, '/api/presence', { headers: { 'x-app-api-key': `app_guess${index}` } })
  t.strictSame(await inTurn(5, guess), [401, 401, 401, 429, 429])
  t.equal((await ask(url, '/api/presence')).status, 429, 'without any credential as well')
  t.equal((await ask(url, '/api/presence', { address: '192.0.2.2' })).status, 401)
  const right = await ask(url, '/api/presence', { bearer: token })
  t.equal(right.status, 200, 'who shares the address and knows better')
  t.equal(right.headers.get('ratelimit-remaining'), '2')
})

t.test('the addresses of one IPv6 network are one', async (t) => {
  const { url } = await build(t, { environment })
  const asks = (network: string) =>
    inTurn(4, (index) => ask(url, '/api/presence', { address: `${network}::${index + 1}` }))
  t.strictSame(await asks('2001:db8:0:1'), [401, 401, 401, 429])
  t.strictSame(await asks('2001:db8:0:2'), [401, 401, 401, 429])
  t.equal((await ask(url, '/api/presence', { address: '::ffff:192.0.2.7' })).status, 401)
})

t.test('what is not there is limited by address, what watches the process never', async (t) => {
  const { url } = await build(t, { environment })
  const missing = await inTurn(4, (index) => ask(url, `/nothing/${index}`))
  t.strictSame(missing, [404, 404, 404, 429])
  const limited = await ask(url, '/nothing')
  t.match(JSON.parse(limited.text), { code: 'rate_limited' })
  t.equal(limited.headers.get('ratelimit-remaining'), '0')
  for (const path of ['/health', '/livez', '/readyz', '/metrics']) {
    const statuses = await inTurn(5, () => ask(url, path))
    t.strictSame(statuses, [200, 200, 200, 200, 200], path)
    t.equal((await ask(url, path)).headers.get('ratelimit'), null)
  }
})

t.test('operators have their own limit, and no stranger can use it up', async (t) => {
  const second = 'another internal secret of thirty-two characters'
  const { url } = await build(t, {
    environment: { ...environment, INTERNAL_API_SECRET: `${internalSecret},${second}` },
  })
  const asks = (from: From) => inTurn(3, () => ask(url, '/internal/apps', from))
  t.strictSame(await asks({}), [401, 401, 429])
  t.strictSame(await asks({ bearer: 'x'.repeat(40), address: '192.0.2.2' }), [403, 403, 429])
  t.strictSame(await asks({ bearer: internalSecret }), [200, 200, 429])
  t.strictSame(await asks({ bearer: second }), [200, 200, 429], 'the other live one')
  const { headers } = await ask(url, '/internal/apps', { bearer: second, address: '192.0.2.9' })
  t.equal(headers.get('ratelimit-policy'), '"internal";q=2;w=60')
  t.equal(headers.get('ratelimit-limit'), '2')
})

t.test('of two limits the headers name both, and the nearer one first of all', async (t) => {
  const { url, token: bearer } = await build(t, { environment: { RATE_LIMIT_CALLS: '300' } })
  const { status, headers } = await ask(url, '/api/ws/ticket', { bearer, method: 'POST' })
  t.equal(status, 201)
  t.equal(headers.get('ratelimit-policy'), '"calls";q=300;w=60, "tickets";q=120;w=60')
  t.match(headers.get('ratelimit'), /^"calls";r=299;t=\d+, "tickets";r=119;t=\d+$/)
  t.equal(headers.get('ratelimit-limit'), '120')
  t.equal(headers.get('ratelimit-remaining'), '119')
})

t.test('on a port of their own operators are limited as well', async (t) => {
  const { app } = await build(t, { environment: { ...environment, ADMIN_PORT: '0' } })
  const { port } = app.admin.server.address() as { port: number }
  const url = `http://127.0.0.1:${port}`
  const asks = () => ask(url, '/internal/apps', { bearer: internalSecret })
  t.strictSame(await inTurn(3, asks), [200, 200, 429])
  t.strictSame(await inTurn(4, () => ask(url, '/nothing')), [404, 404, 404, 429])
})
