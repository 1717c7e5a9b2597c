import t from 'tap'
import { jwtSecret } from '../kit/build.ts'
import { signToken } from '../kit/token.ts'
import { authApp, bearer, call, page, signClaims, type AuthApp } from './auth-app.ts'

const upgrade = { connection: 'Upgrade', upgrade: 'other' }
const expired = { status: 401, body: { code: 'auth_invalid', detail: /unknown, used or expired/ } }

interface Asked {
  readonly body?: unknown
  readonly headers?: Record<string, string>
  readonly token?: string
}

async function ask({ url }: AuthApp, { body, headers = { origin: page }, token }: Asked = {}) {
  const credential = bearer(token ?? (await signToken(jwtSecret)))
  return call(url, '/api/ws/ticket', {
    method: 'POST',
    headers: { ...credential, ...headers },
    ...(body !== undefined && { body }),
  })
}

async function ticket(server: AuthApp, asked: Asked = {}): Promise<string> {
  return ((await ask(server, asked)).body as { ticket: string }).ticket
}

function show({ url }: AuthApp, shown: string, headers: Record<string, string> = { origin: page }) {
  return call(url, `/whoami?ticket=${shown}`, { headers })
}

t.test('a ticket opens one connection, in the name of whoever asked for it', async (t) => {
  const server = await authApp(t)
  const token = await signToken(jwtSecret, { role: 'agent', teams: ['red'] })
  const answer = await ask(server, { token })
  t.match(answer, {
    status: 201,
    headers: { 'cache-control': 'no-store' },
    body: { ticket: /^t1_[\w-]{43}$/, expiresIn: 30_000 },
  })
  const { ticket: shown } = answer.body as { ticket: string }
  const expected = await server.app.verifyToken(token)
  t.strictSame((await show(server, shown)).body, expected)
  t.match(await show(server, shown), expired)
  const several = await ticket(server)
  const all = await Promise.all(Array.from({ length: 20 }, () => show(server, several)))
  t.equal(all.filter(({ status }) => status === 200).length, 1)
  t.equal(all.filter(({ status }) => status === 401).length, 19)
})

t.test('a ticket is for the page that asked for it', async (t) => {
  const server = await authApp(t)
  const wrong = { status: 401, body: { code: 'auth_invalid', detail: /another origin/ } }
  const stolen = await ticket(server)
  t.match(await show(server, stolen, { origin: 'https://other.example.com' }), wrong)
  t.match(await show(server, stolen), expired, 'and is spent, whoever shows it')
  t.match(await show(server, await ticket(server), {}), wrong, 'no page')
  const programs = await ticket(server, { headers: {} })
  t.match(await show(server, programs, {}), { status: 200 }, 'asked for by a program')
  t.match(await show(server, await ticket(server, { headers: {} })), wrong)
  t.match(await ask(server, { headers: { origin: 'https://evil.test' } }), {
    status: 403,
    body: { code: 'origin_not_allowed' },
  })
})

t.test('a page of ours names no origin when it reads, and names it with a socket', async (t) => {
  const server = await authApp(t)
  const own = { origin: 'https://calls.example.com' }
  const many = await ticket(server, { headers: own, body: { for: 'sse' } })
  t.match(await show(server, many, {}), { status: 200 })
  t.match(await show(server, many, own), { status: 200 })
  t.match(await show(server, many, { origin: page }), { status: 401 })
  const once = await ticket(server, { headers: own })
  t.match(await show(server, once, upgrade), { status: 401 })
  const next = await ticket(server, { headers: own })
  t.match(await show(server, next, { ...own, ...upgrade }), { status: 200 })
})

t.test('one for SSE is shown again and again, until the token ends', async (t) => {
  const server = await authApp(t)
  const seconds = Math.floor(Date.now() / 1_000)
  const sse = async (exp: number) =>
    ask(server, { body: { for: 'sse' }, token: await signClaims({ exp }) })
  const short = (await sse(seconds + 60)).body as { ticket: string; expiresIn: number }
  t.ok(short.expiresIn > 50_000 && short.expiresIn <= 60_000)
  t.match((await sse(seconds + 400_000)).body, { expiresIn: 86_400_000 }, 'a day at most')
  for (let times = 0; times < 5; times += 1) {
    t.match(await show(server, short.ticket), { status: 200, body: { exp: seconds + 60 } })
  }
  t.match(await show(server, short.ticket, { origin: page, ...upgrade }), {
    status: 401,
    body: { detail: /not for sockets/ },
  })
  const soon = (await sse(seconds + 30)).body as { ticket: string }
  t.match(await show(server, soon.ticket), { status: 200 })
  const changed = soon.ticket.replace('tn_', 't1_')
  t.match(await show(server, changed), expired, 'no kind turns into the other')
})

t.test('a ticket asks for nothing but a connection, not for another ticket either', async (t) => {
  const server = await authApp(t)
  const once = await ticket(server)
  const headers = { origin: page }
  const path = `/api/ws/ticket?ticket=${once}`
  t.match(await call(server.url, path, { method: 'POST', headers }), {
    status: 401,
    body: { code: 'auth_invalid', detail: /opens connections/ },
  })
  t.match(await show(server, once), { status: 200 }, 'it was not spent by that')
})

t.test('a request says what it is for, or nothing at all', async (t) => {
  const server = await authApp(t)
  const json = { origin: page, 'content-type': 'application/json' }
  t.match(await ask(server, { headers: json }), { status: 201 }, 'a type and no body')
  t.match(await ask(server, { body: {} }), { status: 201 })
  t.match(await ask(server, { body: { for: 'fun' } }), {
    status: 400,
    body: { code: 'invalid_parameter' },
  })
  t.match(await ask(server, { body: [] }), { status: 400 })
  t.match(await ask(server, { token: 'nonsense' }), { status: 401 })
  const get = await call(server.url, '/api/ws/ticket')
  t.equal(get.status, 404)
})

t.test('a key asks in its own name, and its tickets end with it', async (t) => {
  const server = await authApp(t)
  const { key, record } = (await server.app.access.keys.create(server.appId))!
  const first = await ticket(server, { token: key })
  t.match(await show(server, first), { status: 200, body: { keyId: record.id } })
  const answer = await ask(server, { token: key, body: { for: 'sse' } })
  const { ticket: many } = answer.body as { ticket: string }
  t.match(answer.body, { expiresIn: 86_400_000 })
  t.match(await show(server, many), { status: 200 })
  await server.app.access.keys.revoke(server.appId, record.id)
  t.match(await show(server, many), { status: 401, body: { detail: /revoked/ } })
})

t.test('a user gets 120 a minute, and the latest hundred are good', async (t) => {
  const server = await authApp(t)
  const token = await signToken(jwtSecret)
  const tickets: string[] = []
  for (let count = 0; count < 120; count += 1) tickets.push(await ticket(server, { token }))
  t.match(await ask(server, { token }), {
    status: 429,
    headers: { 'retry-after': /^\d+$/, 'ratelimit-limit': '120', 'ratelimit-remaining': '0' },
    body: { code: 'rate_limited' },
  })
  t.match(await ask(server, { token: await signToken(jwtSecret, { sub: 'u2' }) }), { status: 201 })
  t.match(await show(server, tickets[19]!), expired)
  t.match(await show(server, tickets[20]!), { status: 200 })
  t.match(await show(server, tickets[119]!), { status: 200 })
})

t.test(
  'while the store is away tokens and keys are good, and tickets are not to be had',
  async (t) => {
    const server = await authApp(t)
    const token = await signToken(jwtSecret)
    const { key } = (await server.app.access.keys.create(server.appId))!
    const once = await ticket(server)
    await server.app.store
      .procedures<typeof import('./auth-store.ts')>(import.meta.resolve('./auth-store.ts'))
      .removeTickets()
    const unavailable = {
      status: 503,
      headers: { 'retry-after': '5' },
      body: { code: 'unavailable' },
    }
    t.match(await show(server, once), unavailable)
    t.match(await ask(server), unavailable)
    for (const text of [token, key]) {
      t.match(await call(server.url, '/whoami', { headers: bearer(text) }), { status: 200 })
    }
  },
)
