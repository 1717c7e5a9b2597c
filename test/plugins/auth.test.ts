import t from 'tap'
import { jwtSecret } from '../kit/build.ts'
import { signToken } from '../kit/token.ts'
import { until } from '../kit/until.ts'
import { authApp, bearer, call, page, signClaims, type AuthApp } from './auth-app.ts'

const user = (sub: string): Promise<string> =>
  signToken(jwtSecret, { sub, email: `${sub}@example.com` })

async function apiKey({ app, appId }: AuthApp) {
  return (await app.access.keys.create(appId))!
}

async function ticket(url: string, token: string, body?: object): Promise<string> {
  const headers = { ...bearer(token), origin: page }
  const answer = await call(url, '/api/ws/ticket', { method: 'POST', headers, body })
  return (answer.body as { ticket: string }).ticket
}

t.test('a credential is found in each of its places, the first place first', async (t) => {
  const server = await authApp(t)
  const { url } = server
  const { key, record } = await apiKey(server)
  const second = await apiKey(server)
  const [one, two, three, four] = await Promise.all([
    user('one'),
    user('two'),
    user('three'),
    user('four'),
  ])
  const headers: Record<string, string> = { 'x-app-api-key': key, origin: page }
  const query = new URLSearchParams({ token: four, api_key: second.key })
  const path = (): string => `/whoami?${query.toString()}`
  const who = async (): Promise<string> =>
    ((await call(url, path(), { headers })).body as { sub: string }).sub
  const shown = await ticket(url, three)
  query.set('ticket', shown)
  headers['sec-websocket-protocol'] = `switchhook.v1, bearer.${two}`
  headers['authorization'] = `Bearer ${one}`
  t.equal(await who(), 'one')
  delete headers['authorization']
  t.equal(await who(), 'two')
  delete headers['sec-websocket-protocol']
  t.equal(await who(), 'three')
  query.delete('ticket')
  t.equal(await who(), `key:${record.id}`)
  delete headers['x-app-api-key']
  t.equal(await who(), 'four')
  query.delete('token')
  t.equal(await who(), `key:${second.record.id}`)
  query.delete('api_key')
  t.match(await call(url, path(), { headers }), { status: 401, body: { code: 'auth_missing' } })
})

t.test('the first credential counts, though a later one would be accepted', async (t) => {
  const { url } = await authApp(t)
  const token = await user('u1')
  const answer = await call(url, `/whoami?token=${token}`, { headers: bearer('nonsense') })
  t.match(answer, { status: 401, body: { code: 'auth_invalid' } })
  const headers = { 'x-app-api-key': token }
  t.match(await call(url, '/whoami', { headers }), { status: 401, body: { code: 'auth_invalid' } })
})

t.test('a key sees its app as a supervisor, wherever a token may stand', async (t) => {
  const server = await authApp(t)
  const { key, record } = await apiKey(server)
  const expected = {
    app: server.appId,
    sub: `key:${record.id}`,
    user: key.slice(0, 12),
    role: 'supervisor',
    exp: null,
    iat: Number,
    credential: 'key',
    keyId: record.id,
    teams: [],
    queues: [],
    inQuery: false,
  }
  for (const headers of [
    bearer(key),
    { 'x-app-api-key': key },
    { 'sec-websocket-protocol': `switchhook.v1, bearer.${key}` },
  ]) {
    t.match(await call(server.url, '/whoami', { headers }), { status: 200, body: expected })
  }
  t.match(await server.app.verifyToken(key), expected)
})

t.test('the query is told, warned of once a user and day, and can be refused', async (t) => {
  const { url, lines } = await authApp(t)
  const token = await user('u1')
  t.match((await call(url, '/whoami', { headers: bearer(token) })).body, { inQuery: false })
  for (let count = 0; count < 3; count += 1) {
    t.match((await call(url, `/whoami?token=${token}`)).body, { inQuery: true })
  }
  await call(url, `/whoami?token=${await user('u2')}`)
  const warnings = lines.filter((line) => line.includes('credential in a query'))
  t.strictSame(
    warnings.map((line) => (JSON.parse(line) as { sub: string }).sub),
    ['u1', 'u2'],
  )
  const strict = await authApp(t, { environment: { ALLOW_QUERY_TOKENS: 'false' } })
  const { key } = await apiKey(strict)
  for (const query of [`token=${token}`, `api_key=${key}`, `token=${key}`]) {
    t.match(await call(strict.url, `/whoami?${query}`), {
      status: 401,
      body: { code: 'auth_in_query', fix: /ALLOW_QUERY_TOKENS/ },
    })
  }
  const shown = await ticket(strict.url, token)
  const headers = { origin: page }
  t.match(await call(strict.url, `/whoami?ticket=${shown}`, { headers }), { status: 200 })
})

t.test('who signs tokens says who belongs to which teams and queues', async (t) => {
  const { url } = await authApp(t)
  const who = async (claims: object) =>
    call(url, '/whoami', { headers: bearer(await signClaims({ iat: 1, ...claims })) })
  const full = Array.from({ length: 100 }, (_, index) => `q${index}`)
  t.match(await who({ teams: ['red', 'blue'], queues: full, role: 'agent' }), {
    status: 200,
    body: { teams: ['red', 'blue'], queues: full, role: 'agent', exp: Number, iat: Number },
  })
  for (const claims of [
    { teams: [...full, 'one more'] },
    { teams: 'red' },
    { queues: [1] },
    { queues: [''] },
    { teams: ['x'.repeat(257)] },
    { sub: 'x'.repeat(257) },
    { role: 'owner' },
    { app: 7 },
    { iat: Math.floor(Date.now() / 1_000) + 90 },
    { nbf: Math.floor(Date.now() / 1_000) + 90 },
    { exp: 'tomorrow' },
    { exp: Date.now() + 3_600_000 },
  ]) {
    t.match(await who(claims), { status: 401, body: { code: 'auth_invalid' } })
  }
  t.match(await who({ nbf: Math.floor(Date.now() / 1_000) + 20 }), { status: 200 }, 'clocks differ')
})

t.test('what was issued to a user so far is taken back, here and on other processes', async (t) => {
  const server = await authApp(t)
  const { url, app, appId } = server
  const seconds = Math.floor(Date.now() / 1_000)
  const token = (sub: string, iat: number) => signClaims({ sub, iat })
  const [old, next, other] = await Promise.all([
    token('u1', seconds - 5),
    token('u1', seconds + 25),
    token('u2', seconds - 5),
  ])
  const who = async (text: string) => (await call(url, '/whoami', { headers: bearer(text) })).status
  const principal = await app.verifyToken(old)
  const waiting = await ticket(url, old)
  t.strictSame([await who(old), await who(other)], [200, 200])
  t.notOk(app.revoked(principal))
  const { accessRevision } = app
  const path = `/internal/apps/${appId}/revocations`
  const revoke = (headers: Record<string, string>, body: unknown = { sub: 'u1' }, at = path) =>
    call(url, at, { method: 'POST', headers, body })
  const secret = bearer('an internal secret of thirty-two characters')
  t.match(await revoke({}), { status: 401 })
  t.match(await revoke(secret), { status: 201, body: { sub: 'u1', at: /Z$/ } })
  t.notSame(app.accessRevision, accessRevision)
  t.ok(app.revoked(principal))
  t.strictSame([await who(old), await who(next), await who(other)], [401, 200, 200])
  t.match((await call(url, '/whoami', { headers: bearer(old) })).body, {
    code: 'auth_invalid',
    detail: /revoked/,
  })
  const headers = { origin: page }
  t.match(await call(url, `/whoami?ticket=${waiting}`, { headers }), { status: 401 })
  t.ok(app.revoked({ ...principal, iat: null }), 'one that does not say when')
  t.match(await app.audit.list(appId, 5), [{ action: 'user.revoked', target: 'u1' }])
  const nobody = '/internal/apps/00000000-0000-4000-8000-000000000000/revocations'
  t.match(await revoke(secret, { sub: 'u1' }, nobody), {
    status: 404,
    body: { code: 'app_not_found' },
  })
  t.match(await revoke(secret, { sub: 'u1' }, '/internal/apps/x/revocations'), {
    status: 400,
    body: { code: 'invalid_uuid', parameter: 'appId' },
  })
  for (const body of [{}, { sub: '' }, { sub: 7 }, { sub: 'u1', all: true }]) {
    t.match(await revoke(secret, body), { status: 400, body: { code: 'invalid_parameter' } })
  }
})

t.test('a key is refused when cut, mistyped, expired or revoked, and never shown', async (t) => {
  const server = await authApp(t)
  const { url, app, appId } = server
  const { key, record } = await apiKey(server)
  const who = async (text: string) => {
    const { status, body } = await call(url, '/whoami', { headers: { 'x-app-api-key': text } })
    return status === 200 ? 'ok' : (body as { code: string }).code
  }
  t.equal(await who(key), 'ok')
  for (const text of [key.slice(0, -1), `${key}0`, swapped(key), 'app_', 'app_x', key.slice(4)]) {
    t.equal(await who(text), 'auth_invalid')
  }
  const brief = new Date(Date.now() + 60_000).toISOString()
  const ending = (await app.access.keys.create(appId, { expiresAt: brief }))!
  const principal = await app.verifyToken(ending.key)
  t.equal(principal.exp, Math.floor(Date.parse(brief) / 1_000))
  const past = new Date(Date.now() - 1).toISOString()
  t.equal(
    await who((await app.access.keys.create(appId, { expiresAt: past }))!.key),
    'auth_expired',
  )
  t.ok(await app.access.keys.revoke(appId, record.id))
  t.equal(await who(key), 'auth_invalid')
  await until(async () =>
    (await app.access.keys.list(appId)).some((one) => one.lastUsedAt !== null),
  )
  t.notMatch(JSON.stringify(await app.access.keys.list(appId)), key)
})

t.test('no credential shows in the log, good or bad, whatever fails', async (t) => {
  const server = await authApp(t)
  const { url, lines } = server
  const { key } = await apiKey(server)
  const token = await user('u1')
  const foreign = await signToken('another secret of more than thirty-two characters')
  for (const text of [token, foreign, key, swapped(key)]) {
    for (const path of ['/whoami', '/failing', '/nowhere']) {
      await call(url, path, { headers: bearer(text) })
      await call(url, path, { headers: { 'x-app-api-key': text } })
      await call(url, path, { headers: { 'sec-websocket-protocol': `bearer.${text}` } })
      for (const name of ['token', 'api_key', 'ticket']) await call(url, `${path}?${name}=${text}`)
      const shown = await ticket(url, token)
      await call(url, `${path}?ticket=${shown}`, { headers: { origin: page } })
    }
  }
  t.ok(
    lines.some((line) => line.includes('it failed')),
    'and the log is not silent',
  )
  const all = lines.join('\n')
  for (const text of [token, foreign, key, jwtSecret]) t.notOk(all.includes(text))
})

t.test('an app that is not active lets nobody in', async (t) => {
  const server = await authApp(t)
  const { app, url, appId } = server
  const { key } = await apiKey(server)
  const principal = await app.verifyToken(key)
  Object.assign(app.directory.app(appId)!, { active: false })
  for (const text of [key, await user('u1')]) {
    t.match(await call(url, '/whoami', { headers: bearer(text) }), {
      status: 403,
      body: { code: 'app_disabled' },
    })
  }
  t.ok(app.revoked(principal))
})

/** The same characters in another order. */
function swapped(key: string): string {
  const at = Array.from(key).findIndex((sign, index) => index > 12 && sign !== key[index + 1])
  return key.slice(0, at) + key[at + 1] + key[at] + key.slice(at + 2)
}
