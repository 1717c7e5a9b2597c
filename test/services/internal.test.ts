import t from 'tap'
import { telnyx } from '@switchhook/shared/providers/telnyx'
import { build, internalSecret } from '../kit/build.ts'
import { internal } from '../kit/internal.ts'
import { post, telnyxEvent } from '../kit/sender.ts'

t.test('without the secret 401, with another one 403, as the first version said it', async (t) => {
  const { url, app } = await build(t)
  const path = `/apps/${app.directory.firstApp.id}/providers`
  t.match(await internal(url, path, { secret: null }), {
    status: 401,
    body: {
      code: 'internal_auth_missing',
      error: 'Unauthorized',
      message: 'Missing or invalid Authorization header',
    },
  })
  t.match(await internal(url, path, { secret: `${internalSecret}x` }), {
    status: 403,
    body: { error: 'Forbidden', message: 'Invalid authentication token' },
  })
  t.match(await internal(url, path), { status: 200, body: { items: [], next: null } })
  t.match(await internal(url, '/apps'), {
    status: 200,
    body: { items: [{ id: app.directory.firstApp.id, active: true }], next: null },
  })
})

t.test(
  'an app’s own credentials verify at once, and are refused at once when retired',
  async (t) => {
    const { url, app } = await build(t, { environment: { TELNYX_PUBLIC_KEY: '' } })
    const path = `/apps/${app.directory.firstApp.id}/providers/telnyx`
    const [old, young] = [telnyx.simulator.newKeys(), telnyx.simulator.newKeys()]
    const send = async ({ signingKey: key }: typeof old): Promise<number> =>
      (await post(url, telnyxEvent({ key }))).status
    t.equal(await send(old), 503, 'nothing is configured')
    const put = (...credentials: string[]) =>
      internal(url, path, { method: 'PUT', body: { credentials } })
    t.match(await put(old.credential, young.credential), {
      status: 200,
      body: { provider: 'telnyx', credentials: [{ credential: 1 }, { credential: 2 }] },
    })
    t.strictSame([await send(old), await send(young)], [200, 200])
    const metrics = await (await fetch(new URL('/metrics', url))).text()
    for (const credential of [1, 2]) {
      const label = `provider="telnyx",source="app",credential="${credential}"`
      t.match(metrics, `${label}} ${Math.floor(Date.now() / 1000)}`.slice(0, -2))
    }
    await put(young.credential)
    t.strictSame([await send(old), await send(young)], [401, 200])
    t.match(await internal(url, path, { method: 'DELETE' }), { status: 204 })
    t.equal(await send(young), 503)
    t.match(await internal(url, path), { status: 404, body: { code: 'credentials_not_found' } })
    const audit = await app.audit.list(app.directory.firstApp.id, 10)
    t.strictSame(
      audit.map(({ action, actor, target }) => `${action} ${actor} ${target}`).toSorted(),
      [
        'provider.configured internal telnyx',
        'provider.configured internal telnyx',
        'provider.removed internal telnyx',
      ],
    )
  },
)

t.test('credentials never come out again, nor lie in the store in clear', async (t) => {
  const { url, app } = await build(t)
  const { credential } = telnyx.simulator.newKeys()
  const path = `/apps/${app.directory.firstApp.id}/providers/telnyx`
  const body = { credentials: [credential] }
  const answer = await internal(url, path, { method: 'PUT', body })
  t.notMatch(JSON.stringify(answer.body), credential)
  const sql = app.store.procedures<typeof import('../../shared/credentials/sql.ts')>(
    import.meta.resolve('../../shared/credentials/sql.ts'),
  )
  const [row] = await sql.all()
  t.notOk(Buffer.from(row!.sealed).includes(credential))
  t.throws(() => app.sealing.open(row!.sealed, `provider_credentials/${row!.app}/vapi`))
})

t.test('what could never verify anything is refused, naming every mistake', async (t) => {
  const { url, app } = await build(t)
  const path = `/apps/${app.directory.firstApp.id}/providers`
  const put = (provider: string, body: unknown) =>
    internal(url, `${path}/${provider}`, { method: 'PUT', body })
  t.match(await put('telnyx', { credentials: ['nonsense'] }), {
    status: 400,
    body: { code: 'invalid_parameter', parameter: 'credentials.0', detail: /32 bytes/ },
  })
  t.match(await put('telnyx', { credentials: [] }), { status: 400 })
  t.match(await put('telnyx', {}), { status: 400, body: { detail: /credentials/ } })
  t.match(await put('telnyx', { credentials: ['x'], colour: 'red' }), { status: 400 })
  t.match(await put('nobody', { credentials: ['x'] }), { status: 404 })
  t.match(await internal(url, '/apps/not-a-uuid/providers'), {
    status: 400,
    body: { code: 'invalid_uuid', parameter: 'appId' },
  })
  t.match(await internal(url, '/apps/00000000-0000-4000-8000-000000000000/providers'), {
    status: 404,
    body: { code: 'app_not_found' },
  })
})
