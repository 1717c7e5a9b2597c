import t from 'tap'
import { build, jwtSecret, type Suite } from '../kit/build.ts'
import { internal } from '../kit/internal.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { signToken } from '../kit/token.ts'
import { until } from '../kit/until.ts'
import { supervisor } from '../contracts/hub-events.ts'

/** Two processes of one store, as far as they know of each other. */
async function pair(): Promise<[Suite, Suite]> {
  const environment = {
    DATABASE_URL: await emptyDatabase(t),
    DB_CONNECTIONS: '4',
    PUBLIC_URL: 'http://127.0.0.1:3000',
    ALLOWED_ORIGINS: 'http://127.0.0.1:3000',
  }
  return [await build(t, { environment }), await build(t, { environment })]
}

async function asked({ url }: Suite, key: string): Promise<number> {
  return (await fetch(`${url}/api/events`, { headers: { 'x-app-api-key': key } })).status
}

t.test('what is done to an app and its keys in one process holds in the other', async (t) => {
  const [here, there] = await pair()
  const created = await internal(here.url, '/apps', { method: 'POST', body: { name: 'second' } })
  const { id } = created.body as { id: string }
  const path = `/apps/${id}/api-key`
  const made = await internal(there.url, path, { method: 'POST' })
  const first = made.body as { id: string; key: string }
  t.match(there.app.directory.apps, [{ name: 'default' }, { name: 'second' }])
  const sockets = await Promise.all(
    [here, there].map(({ url }) => supervisor({ url, token: first.key })),
  )
  t.equal((await internal(here.url, `${path}/${first.id}`, { method: 'DELETE' })).status, 204)
  for (const { closed } of sockets) t.match(await closed, { code: 4403, reason: 'revoked' })
  t.strictSame(await Promise.all([here, there].map((one) => asked(one, first.key))), [401, 401])

  const again = await internal(here.url, path, { method: 'POST' })
  const second = again.body as { id: string; key: string }
  const socket = await supervisor({ url: there.url, token: second.key })
  const change = (active: boolean) =>
    internal(here.url, `/apps/${id}`, { method: 'PATCH', body: { active } })
  await change(false)
  t.match(await socket.closed, { code: 4403, reason: 'revoked' })
  t.equal(await asked(there, second.key), 403)
  await change(true)
  await until(() => there.app.directory.app(id)!.active)
  t.equal(await asked(there, second.key), 200)
})

t.test(
  'an app that was just made in one process is known to the other when it is named',
  async (t) => {
    const [here, there] = await pair()
    const make = async (): Promise<string> => {
      const { body } = await internal(here.url, '/apps', { method: 'POST', body: { name: 'new' } })
      return (body as { id: string }).id
    }
    const [forKey, forToken, forWebhook] = [await make(), await make(), await make()]
    const made = await internal(here.url, `/apps/${forKey}/api-key`, { method: 'POST' })
    const status = await internal(there.url, `/apps/${forKey}/api-key/status`)
    t.match(status, { body: { active: true, keys: [{}] } })
    t.equal(await asked(there, (made.body as { key: string }).key), 200)
    const headers = { authorization: `Bearer ${await signToken(jwtSecret, { app: forToken })}` }
    t.equal((await fetch(`${there.url}/api/events`, { headers })).status, 200)
    const answer = await post(there.url, telnyxEvent(), `/webhooks/telnyx/${forWebhook}`)
    t.equal(answer.status, 503, 'it has no credentials yet')
  },
)
