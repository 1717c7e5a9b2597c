import t from 'tap'
import { build, internalSecret, jwtSecret, temporaryDir, type Suite } from '../kit/build.ts'
import { internal } from '../kit/internal.ts'
import { freePort, spawnService } from '../kit/process.ts'
import { post, signBody, telnyxEvent } from '../kit/sender.ts'
import { signToken } from '../kit/token.ts'
import { until } from '../kit/until.ts'
import { rotationContract } from '../contracts/rotation.ts'
import { telnyx } from '@switchhook/shared/providers/telnyx'

const next = 'the next secret of more than thirty-two characters'

t.test('a SECRETS_KEY is replaced, and the old one is not needed any more', (t) =>
  rotationContract(t, {}),
)

t.test('deliveries under a key that is missing show in /health, and come in as ever', async (t) => {
  const dataDir = temporaryDir(t)
  const started = await build(t, { dataDir })
  const strange = Buffer.from('[]')
  const meaningless = { body: strange, headers: signBody(strange) }
  t.match(await post(started.url, meaningless), { body: { status: 'quarantined' } })
  await started.app.close()
  const lines: string[] = []
  const environment = { SECRETS_KEY: Buffer.alloc(32, 9).toString('base64') }
  const { url } = await build(t, { dataDir, environment, log: (line) => lines.push(line) })
  const reason = /^sealed with keys not among SECRETS_KEY: deliveries \([0-9a-f]{8}\)$/
  const health = async () => (await (await fetch(new URL('/health', url))).json()) as object
  await until(async () => JSON.stringify(await health()).includes('not among'))
  t.match(await health(), { status: 'degraded', checks: { sealing: { status: 'failed', reason } } })
  t.equal((await fetch(new URL('/readyz', url))).status, 200)
  t.ok(lines.some((line) => line.includes('a key is missing')))
  t.equal((await post(url, telnyxEvent({ call: 'another' }))).status, 200)
  const { items } = (await internal(url, '/deliveries')).body as { items: { id: string }[] }
  const path = `/deliveries/${items.at(-1)!.id}`
  const sealed = { status: 500, body: { code: 'delivery_sealed', fix: /SECRETS_KEY/ } }
  t.match(await internal(url, path), sealed)
  t.match(await internal(url, `${path}/replay`, { method: 'POST' }), sealed)
  const body = { from: '2026-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z' }
  const replayed = { deliveries: 2, duplicate: 1, sealed: 1 }
  t.match(await internal(url, '/replay', { method: 'POST', body }), { status: 200, body: replayed })
})

t.test('credentials under a key that is missing keep a process from starting', async (t) => {
  const dataDir = temporaryDir(t)
  const started = await build(t, { dataDir })
  const { id } = started.app.directory.firstApp
  const { credential } = telnyx.simulator.newKeys()
  const body = { credentials: [credential] }
  await internal(started.url, `/apps/${id}/providers/telnyx`, { method: 'PUT', body })
  await started.app.close()
  const { exited, output } = spawnService('all-in-one', {
    DATA_DIR: dataDir,
    PORT: String(await freePort()),
    SPOOL_LIMIT: '4194304',
    SECRETS_KEY: Buffer.alloc(32, 9).toString('base64'),
  })
  t.equal(await exited, 1)
  t.match(output(), /sealed with a key that is not among SECRETS_KEY: [0-9a-f]{8}/)
  t.match(output(), `The credentials of telnyx of the app ${id} cannot be opened`)
  t.match(output(), 'Give SECRETS_KEY the key back, as its last value')
})

t.test('both values of INTERNAL_API_SECRET are welcome until one goes', async (t) => {
  const dataDir = temporaryDir(t)
  const statusOf = async ({ url }: Suite, secret: string): Promise<number> =>
    (await internal(url, '/apps', { secret })).status
  const environment = { INTERNAL_API_SECRET: `${next},${internalSecret}` }
  const both = await build(t, { dataDir, environment })
  t.equal(await statusOf(both, next), 200)
  t.equal(await statusOf(both, internalSecret), 200)
  await both.app.close()
  const one = await build(t, { dataDir, environment: { INTERNAL_API_SECRET: next } })
  t.equal(await statusOf(one, next), 200)
  t.equal(await statusOf(one, internalSecret), 403)
})

t.test('tokens of both values of JWT_SECRET are welcome until one goes', async (t) => {
  const dataDir = temporaryDir(t)
  const statusOf = async ({ url }: Suite, secret: string): Promise<number> => {
    const headers = { authorization: `Bearer ${await signToken(secret)}` }
    return (await fetch(new URL('/api/presence', url), { headers })).status
  }
  const environment = { JWT_SECRET: `${next},${jwtSecret}` }
  const both = await build(t, { dataDir, environment })
  t.equal(await statusOf(both, next), 200)
  t.equal(await statusOf(both, jwtSecret), 200)
  await both.app.close()
  const one = await build(t, { dataDir, environment: { JWT_SECRET: next } })
  t.equal(await statusOf(one, next), 200)
  t.equal(await statusOf(one, jwtSecret), 401)
})
