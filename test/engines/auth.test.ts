import t, { type Test } from 'tap'
import { jwtSecret } from '../kit/build.ts'
import { emptyDatabase, Postgres } from '../kit/postgres.ts'
import { signToken } from '../kit/token.ts'
import { until } from '../kit/until.ts'
import { authApp, bearer, call, page, type AuthApp } from '../plugins/auth-app.ts'

async function on(t: Test, url: string): Promise<AuthApp> {
  return authApp(t, { environment: { DATABASE_URL: url, DB_CONNECTIONS: '4' } })
}

async function who({ url }: AuthApp, text: string): Promise<number> {
  return (await call(url, '/whoami', { headers: bearer(text) })).status
}

async function ticket({ url }: AuthApp, token: string, body: object = {}) {
  const headers = { ...bearer(token), origin: page }
  return call(url, '/api/ws/ticket', { method: 'POST', headers, body })
}

function show({ url }: AuthApp, answer: { body: never }) {
  const { ticket: shown } = answer.body as { ticket: string }
  return call(url, `/whoami?ticket=${shown}`, { headers: { origin: page } })
}

t.test('replicas on one store know the same keys, tickets and revocations', async (t) => {
  const url = await emptyDatabase(t)
  const [here, there] = [await on(t, url), await on(t, url)]
  const token = await signToken(jwtSecret)
  const issued = await ticket(here, token)
  const shown = await Promise.all([here, there, here, there].map((one) => show(one, issued)))
  t.equal(shown.filter(({ status }) => status === 200).length, 1)
  const many = await ticket(here, token, { for: 'sse' })
  t.match(await show(there, many), { status: 200 })
  t.match(await show(here, many), { status: 200 })
  const { key, record } = (await here.app.access.keys.create(here.appId))!
  t.equal(await who(here, key), 200)
  t.equal(await who(there, key), 200)
  await here.app.access.keys.revoke(here.appId, record.id)
  t.equal(await who(here, key), 401)
  await until(async () => (await who(there, key)) === 401)
  const principal = await there.app.verifyToken(token)
  const { accessRevision } = there.app
  await here.app.access.revocations.add(here.appId, 'u1')
  await until(() => there.app.accessRevision !== accessRevision)
  t.ok(there.app.revoked(principal))
  t.equal(await who(there, token), 401)
  t.match(await show(there, many), { status: 401 })
})

t.test(
  'while the store is away tokens and keys are good, and tickets are not to be had',
  async (t) => {
    const postgres = await Postgres.start(t)
    const server = await on(t, postgres.url)
    const token = await signToken(jwtSecret)
    const { key, record } = (await server.app.access.keys.create(server.appId))!
    const issued = await ticket(server, token)
    await postgres.stop()
    const told = (): number =>
      server.lines.filter((line) => line.includes('keys and revocations not refreshed')).length
    await until(() => told() > 0)
    t.strictSame([await who(server, token), await who(server, key)], [200, 200])
    t.match(await ticket(server, token), { status: 503, body: { code: 'unavailable' } })
    t.match(await show(server, issued), { status: 503, headers: { 'retry-after': '5' } })
    await postgres.start()
    await until(async () => (await ticket(server, token)).status === 201)
    t.equal(told(), 1, 'told once')
    await server.app.access.keys.revoke(server.appId, record.id)
    t.equal(await who(server, key), 401)
  },
)
