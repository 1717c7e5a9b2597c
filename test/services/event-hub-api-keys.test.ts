import t from 'tap'
import { build, internalSecret, type Suite } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { internal } from '../kit/internal.ts'
import { until } from '../kit/until.ts'
import { supervisor } from '../contracts/hub-events.ts'

interface Made {
  readonly id: string
  readonly key: string
  readonly prefix: string
  readonly graceUntil: string | null
}

const nobody = '00000000-0000-4000-8000-000000000000'

function keysOf({ url, app }: Suite, id = app.directory.firstApp.id) {
  const path = `/apps/${id}/api-key`
  return {
    post: (body?: unknown) => internal(url, path, { method: 'POST', body }),
    rotate: async (body?: unknown): Promise<Made> =>
      (await internal(url, path, { method: 'POST', body })).body,
    status: async () => (await internal(url, `${path}/status`)).body as { keys: object[] },
    revoke: (key: string) => internal(url, `${path}/${key}`, { method: 'DELETE' }),
    audit: (query = '') => internal(url, `${path}/audit${query}`),
  }
}

/** What `GET /api/events` says to whoever shows this key. */
async function asked({ url }: Suite, key: string): Promise<unknown> {
  const response = await fetch(`${url}/api/events`, { headers: { 'x-app-api-key': key } })
  return response.ok ? 200 : ((await response.json()) as { code: string }).code
}

t.test('a key is shown once, and opens what a supervisor may see', async (t) => {
  const suite = await build(t)
  const { url, app } = suite
  const response = await fetch(`${url}/internal/apps/${app.directory.firstApp.id}/api-key`, {
    method: 'POST',
    // The line of the first version's users: a content type, and no body.
    headers: { authorization: `Bearer ${internalSecret}`, 'content-type': 'application/json' },
  })
  t.equal(response.status, 201)
  t.equal(response.headers.get('cache-control'), 'no-store')
  const made = (await response.json()) as Made
  t.strictSame(Object.keys(made).toSorted(), [
    'createdAt',
    'expiresAt',
    'graceUntil',
    'id',
    'key',
    'prefix',
  ])
  t.match(made, {
    key: /^app_[0-9A-Za-z]{49}$/,
    prefix: made.key.slice(0, 12),
    createdAt: /Z$/,
    expiresAt: null,
    graceUntil: null,
  })
  t.equal(await asked(suite, made.key), 200)
  const keys = keysOf(suite)
  const status = await keys.status()
  const { key: _, ...shown } = made
  t.strictSame(status, {
    active: true,
    keys: [{ ...shown, lastUsedAt: null, revokedAt: null }],
  })
  const audit = await keys.audit()
  t.match(audit.body, {
    items: [{ action: 'api-key.created', actor: 'internal', ip: '127.0.0.1', keyId: made.id }],
    next: null,
  })
  t.notMatch(JSON.stringify([status, audit.body]), made.key)
})

t.test(
  'a second key takes the place of the first one, at once unless it is given time',
  async (t) => {
    const suite = await build(t)
    const keys = keysOf(suite)
    const first = await keys.rotate()
    const second = await keys.rotate({})
    t.equal(second.graceUntil, null)
    t.equal(await asked(suite, first.key), 'auth_expired')
    const third = await keys.rotate({ graceSeconds: 3_600, expiresAt: '2999-12-31T23:00:00+01:00' })
    t.match(third, { expiresAt: '2999-12-31T22:00:00.000Z', graceUntil: /Z$/ })
    t.equal(await asked(suite, second.key), 200)
    t.equal(await asked(suite, third.key), 200)
    t.match(await keys.status(), {
      active: true,
      keys: [
        { id: third.id, graceUntil: null },
        { id: second.id, graceUntil: third.graceUntil },
        {},
      ],
    })
    const entries: { action: string; keyId: string }[] = []
    for (let next: string | null = ''; next !== null;) {
      const { body } = await keys.audit(`?limit=2${next && `&cursor=${next}`}`)
      const page = body as { items: typeof entries; next: string | null }
      entries.push(...page.items)
      next = page.next
    }
    t.strictSame(
      new Set(entries.map(({ action, keyId }) => `${action} ${keyId}`)),
      new Set([
        `api-key.created ${first.id}`,
        `api-key.rotated ${second.id}`,
        `api-key.rotated ${third.id}`,
      ]),
    )
  },
)

t.test('a revoked key is refused, and revoking it again is no mistake', async (t) => {
  const suite = await build(t)
  const keys = keysOf(suite)
  const { id, key } = await keys.rotate()
  t.equal((await keys.revoke(id)).status, 204)
  t.equal(await asked(suite, key), 'auth_invalid')
  t.equal((await keys.revoke(id)).status, 204)
  t.match(await keys.status(), { active: false, keys: [{ id, revokedAt: /Z$/ }] })
  const { items } = (await keys.audit()).body as { items: object[] }
  t.equal(items.length, 2, 'told once')
})

t.test('what is no key, no time or no app is refused', async (t) => {
  const suite = await build(t)
  const keys = keysOf(suite)
  const { id } = await keys.rotate()
  const wrong = (parameter: string) => ({
    status: 400,
    body: { code: 'invalid_parameter', parameter },
  })
  for (const graceSeconds of [-1, 0.5, 604_801, '60', null]) {
    t.match(await keys.post({ graceSeconds }), wrong('graceSeconds'), String(graceSeconds))
  }
  const past = new Date(Date.now() - 1_000).toISOString()
  const late = '9999-12-31T23:59:59-12:00'
  for (const expiresAt of [past, late, 'tomorrow', '2999-01-01', 4_102_444_800_000]) {
    t.match(await keys.post({ expiresAt }), wrong('expiresAt'), String(expiresAt))
  }
  t.equal((await keys.post({ expiresAt: '2998-12-31T23:59:60Z' })).status, 400, 'a leap second')
  t.equal((await keys.post({ grace: 1 })).status, 400)
  const status = await keys.status()
  t.strictSame([status.keys.length, 'active' in status], [1, true], 'nothing was rotated')
  t.match(await keys.revoke('x'), { status: 400, body: { parameter: 'keyId' } })
  t.match(await keys.revoke(nobody), { status: 404, body: { code: 'api_key_not_found' } })
  t.match(await keysOf(suite, 'x').post(), { status: 400, body: { code: 'invalid_uuid' } })
  const absent = { status: 404, body: { code: 'app_not_found' } }
  t.match(await keysOf(suite, nobody).post(), absent)
  t.match(await keysOf(suite, nobody).audit(), absent)
  t.match(await keysOf(suite, nobody).revoke(id), absent)
  const other = await internal(suite.url, '/apps', { method: 'POST', body: { name: 'other' } })
  const foreign = keysOf(suite, (other.body as Made).id)
  t.match(await foreign.revoke(id), { status: 404, body: { code: 'api_key_not_found' } })
  t.strictSame(await foreign.status(), { active: false, keys: [] })
})

t.test('sockets of a key close when it is revoked, and when its grace is over', async (t) => {
  const suite = await build(t)
  const { url } = suite
  const keys = keysOf(suite)
  const first = await keys.rotate()
  const old = await supervisor({ url, token: first.key })
  const second = await keys.rotate({ graceSeconds: 8 })
  const young = await supervisor({ url, token: second.key })
  t.match(await old.ask('ping'), { event: 'pong' }, 'it has its grace')
  t.match(await old.closed, { reason: 'revoked' })
  t.ok(Date.now() >= Date.parse(second.graceUntil!))
  t.match(await young.ask('ping'), { event: 'pong' })
  await keys.revoke(second.id)
  t.match(await young.closed, { reason: 'revoked' })
})

t.test('a key may open more sockets than a user', async (t) => {
  const suite = await build(t, { environment: { MAX_SOCKETS_PER_USER: '1' } })
  const { url, token } = suite
  const { key } = await keysOf(suite).rotate()
  const all = await Promise.all([1, 2, 3].map(() => supervisor({ url, token: key })))
  t.equal(all.length, 3)
  await supervisor(suite)
  const refused = await connect(url, { token })
  t.match(await refused.closed, { code: 4429 })
})

t.test('when a key was last used is known a little later', async (t) => {
  const suite = await build(t)
  const keys = keysOf(suite)
  const { key } = await keys.rotate()
  const before = Date.now()
  await asked(suite, key)
  const listed = () => suite.app.access.keys.list(suite.app.directory.firstApp.id)
  await until(async () => (await listed())[0]!.lastUsedAt !== null)
  const [shown] = (await keys.status()).keys as { lastUsedAt: string }[]
  const ms = Date.parse(shown!.lastUsedAt)
  t.ok(ms >= before && ms <= Date.now())
})
