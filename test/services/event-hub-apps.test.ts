import t from 'tap'
import { build, jwtSecret, type Suite } from '../kit/build.ts'
import { internal } from '../kit/internal.ts'
import { post, telnyxEvent, telnyxKeys } from '../kit/sender.ts'
import { signToken } from '../kit/token.ts'
import { until } from '../kit/until.ts'
import { supervisor } from '../contracts/hub-events.ts'
import type { App } from '@switchhook/shared/directory'

interface Apps {
  readonly items: readonly App[]
  readonly next: string | null
}

const nobody = '00000000-0000-4000-8000-000000000000'

function create({ url }: Suite, name: unknown) {
  return internal(url, '/apps', { method: 'POST', body: { name } })
}

function change({ url }: Suite, id: string, body: unknown) {
  return internal(url, `/apps/${id}`, { method: 'PATCH', body })
}

/** What `GET /api/events` says to whoever shows this. */
async function asked({ url }: Suite, headers: Record<string, string>): Promise<unknown> {
  const response = await fetch(`${url}/api/events`, { headers })
  return response.ok ? 200 : ((await response.json()) as { code: string }).code
}

t.test('apps are made, renamed and listed page by page, oldest first', async (t) => {
  const suite = await build(t)
  const made = await create(suite, '  Zoë’s shop ')
  t.match(made, { status: 201, body: { name: 'Zoë’s shop', active: true, createdAt: /Z$/ } })
  const { id } = made.body as App
  t.match(await change(suite, id, { name: 'Branch\u00a02' }), {
    status: 200,
    body: { id, name: 'Branch\u00a02', active: true },
  })
  for (let count = 0; count < 3; count += 1) await create(suite, `app ${count}`)
  const listed: string[] = []
  for (let next: string | null = ''; next !== null;) {
    const page = await internal(suite.url, `/apps?limit=2${next && `&cursor=${next}`}`)
    const { items, ...rest } = page.body as Apps
    listed.push(...items.map(({ name }) => name))
    next = rest.next
  }
  t.strictSame(listed, ['default', 'Branch\u00a02', 'app 0', 'app 1', 'app 2'])
  const whole = (await internal(suite.url, '/apps')).body as Apps
  t.equal(whole.items.length, 5)
  t.equal(whole.next, null)
})

t.test('what is no name, no change, no page or no app is refused', async (t) => {
  const suite = await build(t)
  const { id } = suite.app.directory.firstApp
  const wrong = { status: 400, body: { code: 'invalid_parameter' } }
  for (const name of ['', '   ', 'a\nb', '\u0000', '\u009f', 'x'.repeat(201), 7, null]) {
    t.match(await create(suite, name), { ...wrong, body: { parameter: 'name' } }, String(name))
  }
  t.match(await create(suite, undefined), wrong)
  t.match(await change(suite, id, { active: 'no' }), wrong)
  t.match(await change(suite, id, { id: nobody }), wrong)
  t.match(await change(suite, id, {}), { status: 200, body: { name: 'default' } })
  for (const query of [
    'limit=0',
    'limit=201',
    'limit=x',
    'cursor=x',
    'cursor=WyJ4Il0',
    'active=1',
  ]) {
    t.match(await internal(suite.url, `/apps?${query}`), wrong, query)
  }
  const uuid = { status: 400, body: { code: 'invalid_uuid', parameter: 'appId' } }
  t.match(await change(suite, 'x', {}), uuid)
  t.match(await internal(suite.url, '/apps/x/audit'), uuid)
  const absent = { status: 404, body: { code: 'app_not_found', parameter: 'appId' } }
  t.match(await change(suite, nobody, { name: 'x' }), absent)
  t.match(await internal(suite.url, `/apps/${nobody}/audit`), absent)
  t.equal((await create(suite, 'x'.repeat(200))).status, 201)
})

t.test('an app that is switched off is shut for everyone, and opens again', async (t) => {
  const suite = await build(t)
  const { url, app, token } = suite
  const { id } = app.directory.firstApp
  const { key } = (await app.access.keys.create(id))!
  const mine = { authorization: `Bearer ${token}` }
  const sockets = await Promise.all([token, key].map((text) => supervisor({ url, token: text })))
  t.equal((await change(suite, id, { active: false })).status, 200)
  for (const { closed } of sockets) t.match(await closed, { reason: 'revoked' })
  t.equal(await asked(suite, mine), 'app_disabled')
  t.equal(await asked(suite, { 'x-app-api-key': key }), 'app_disabled')
  t.match(await post(url, telnyxEvent()), { status: 404, body: { code: 'app_not_found' } })
  t.match(await internal(url, `/apps/${id}/api-key/status`), { body: { active: false } })
  t.equal((await change(suite, id, { active: true })).status, 200)
  t.equal(await asked(suite, mine), 200)
  t.equal(await asked(suite, { 'x-app-api-key': key }), 200)
  t.match(await post(url, telnyxEvent()), { status: 200, body: { status: 'accepted' } })
  const socket = await supervisor({ url, token: key })
  await socket.close()
})

t.test('a second app has its own tokens, keys, webhooks and numbers', async (t) => {
  const suite = await build(t)
  const { url, app, token } = suite
  const { id } = (await create(suite, 'second')).body as App
  t.equal(await asked(suite, { authorization: `Bearer ${token}` }), 'auth_invalid', 'whose is it?')
  const theirs = await signToken(jwtSecret, { app: id })
  t.equal(await asked(suite, { authorization: `Bearer ${theirs}` }), 200)
  t.match(await post(url, telnyxEvent(), `/webhooks/telnyx/${id}`), { status: 503 })
  await internal(url, `/apps/${id}/providers/telnyx`, {
    method: 'PUT',
    body: { credentials: [telnyxKeys.publicKey] },
  })
  const socket = await supervisor({ url, token: theirs })
  t.match(await post(url, telnyxEvent(), `/webhooks/telnyx/${id}`), { status: 200 })
  t.match(await socket.nextEvents(1), [{ event: 'call-initiated', seq: 1 }])
  const { firstApp } = app.directory
  const heads = await app.journal.heads([firstApp.id, id])
  t.strictSame([heads.get(firstApp.id), heads.get(id)], [0, 1])
  await socket.close()
})

t.test('the audit of an app tells what was done to it, to whom, from where', async (t) => {
  const suite = await build(t)
  const { id } = (await create(suite, 'shop')).body as App
  await change(suite, id, { name: 'store', active: false })
  const keys = await internal(suite.url, `/apps/${id}/api-key`, { method: 'POST' })
  t.equal(keys.status, 201)
  const listed: { action: string; detail: unknown; target: string }[] = []
  for (let next: string | null = ''; next !== null;) {
    const page = await internal(suite.url, `/apps/${id}/audit?limit=1${next && `&cursor=${next}`}`)
    const { items, ...rest } = page.body as { items: typeof listed; next: string | null }
    t.match(items, [{ actor: 'internal', ip: '127.0.0.1', at: /Z$/ }])
    listed.push(...items)
    next = rest.next
  }
  t.strictSame(listed.map(({ action }) => action).toSorted(), [
    'api-key.created',
    'app.changed',
    'app.created',
  ])
  t.match(
    listed.find(({ action }) => action === 'app.changed'),
    {
      target: id,
      detail: { name: { from: 'shop', to: 'store' }, active: { from: true, to: false } },
    },
  )
  await until(() => suite.app.directory.app(id)?.active === false)
})
