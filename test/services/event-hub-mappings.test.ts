import t from 'tap'
import { build, temporaryDir } from '../kit/build.ts'
import { storeWithApps } from '../kit/apps.ts'
import { internal } from '../kit/internal.ts'
import { until } from '../kit/until.ts'
import { agent, of, publish } from '../contracts/hub-events.ts'
import type { Suite } from '../kit/build.ts'

interface Mapping {
  readonly id: string
  readonly value: string
  readonly sub: string
  readonly createdAt: string
  readonly updatedAt: string
}

interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

const phone = { kind: 'phone_number', value: '+12025550131', sub: 'ann' }
const unknown = '8d6ffc7a-77f1-4f5f-9a3e-000000000000'

/** The routes of an app's mappings; `rest` begins with / or ?. */
function mappingsOf({ url, app }: Suite, id = app.directory.firstApp.id) {
  const path = `/apps/${id}/user-mappings`
  return {
    get: (rest = '') => internal(url, path + rest),
    put: (body: unknown, rest = '') => internal(url, path + rest, { method: 'PUT', body }),
    remove: (mapping: string) => internal(url, `${path}/${mapping}`, { method: 'DELETE' }),
  }
}

t.test('a value is mapped, shown, given to another and taken away', async (t) => {
  const suite = await build(t)
  const mappings = mappingsOf(suite)
  const created = await mappings.put({ ...phone, team: 'sales' })
  t.equal(created.status, 201)
  const mapping = created.body as Mapping
  t.match(mapping, { ...phone, provider: null, team: 'sales', createdAt: /Z$/ })
  t.equal(mapping.updatedAt, mapping.createdAt)
  t.strictSame((await mappings.get(`/${mapping.id}`)).body, mapping)
  t.strictSame((await mappings.get()).body, { items: [mapping], next: null })

  const again = await mappings.put({ ...phone, sub: 'bob' })
  t.equal(again.status, 200)
  t.match(again.body, { id: mapping.id, sub: 'bob', team: null, createdAt: mapping.createdAt })

  const changed = await mappings.put({ sub: 'cyd', team: 'north' }, `/${mapping.id}`)
  t.match(changed, { status: 200, body: { id: mapping.id, value: phone.value, sub: 'cyd' } })
  t.match(await mappings.put({ sub: 'cyd', value: '+1' }, `/${mapping.id}`), { status: 400 })

  t.match(await mappings.remove(mapping.id), { status: 204, body: null })
  const gone = { status: 404, body: { code: 'mapping_not_found', parameter: 'id' } }
  t.match(await mappings.get(`/${mapping.id}`), gone)
  t.match(await mappings.remove(mapping.id), gone)
  t.match(await mappings.put({ sub: 'cyd' }, `/${mapping.id}`), gone)
})

t.test('what was done to mappings stands in the audit log, without numbers', async (t) => {
  const suite = await build(t)
  const mappings = mappingsOf(suite)
  const { id } = (await mappings.put(phone)).body as Mapping
  await mappings.put({ items: [phone, { ...phone, value: '+12025550132' }] })
  await mappings.remove(id)
  const items = await suite.app.audit.list(suite.app.directory.firstApp.id, 10)
  t.match(items.map(({ action, target, detail }) => ({ action, target, detail })).slice(0, 3), [
    { action: 'mapping.removed', target: id },
    { action: 'mapping.put', target: null, detail: { created: 1, changed: 0, unchanged: 1 } },
    { action: 'mapping.put', target: id, detail: { created: 1, changed: 0, unchanged: 0 } },
  ])
  t.notMatch(JSON.stringify(items), /2025550/)
})

t.test('many are mapped at once, or none of them', async (t) => {
  const mappings = mappingsOf(await build(t))
  const row = (index: number) => ({ ...phone, value: `+1202${String(index).padStart(7, '0')}` })
  const items = Array.from({ length: 10_000 }, (_, index) => row(index))
  t.strictSame(await mappings.put({ items }), {
    status: 200,
    body: { created: 10_000, changed: 0, unchanged: 0 },
  })
  t.match((await mappings.put({ items: [...items.slice(1), { ...row(0), sub: 'bob' }] })).body, {
    created: 0,
    changed: 1,
    unchanged: 9_999,
  })
  t.match(await mappings.put({ items: [...items, row(10_000)] }), { status: 400 })
  t.match(await mappings.put({ items: [] }), { status: 400 })

  const refused = await mappings.put({
    items: [row(10_001), { ...phone, value: '202-555-0131' }, { ...row(10_002), sub: '' }],
  })
  t.match(refused, { status: 400, body: { parameter: 'items.2.sub' } })
  const misspelt = await mappings.put({
    items: [
      row(10_001),
      { ...phone, value: '202-555-0131' },
      { kind: 'provider_user', provider: 'dialpad', value: 'Ann@Example.com', sub: 'ann' },
      { kind: 'provider_user', provider: 'dialpad', value: 'ann@example.com', sub: 'bob' },
    ],
  })
  t.match(misspelt, {
    status: 400,
    body: {
      code: 'invalid_parameter',
      parameter: 'items.1.value',
      errors: [
        { path: 'items.1.value', message: /E\.164/ },
        { path: 'items.3', message: 'is the same as items.2' },
      ],
    },
  })
  const none = (await mappings.get('?value=%2B12020010001')).body as Page<Mapping>
  t.strictSame(none.items, [], 'nothing of a refused request was written')
})

t.test('what is no user, number or SIP user is refused by its name', async (t) => {
  const mappings = mappingsOf(await build(t))
  const user = { kind: 'provider_user', provider: 'dialpad', value: '77', sub: 'ann' }
  const refused: [parameter: string, body: object][] = [
    ['provider', { ...user, provider: undefined }],
    ['provider', { ...user, provider: 'nobody' }],
    ['provider', { ...phone, provider: 'dialpad' }],
    ['kind', { ...phone, kind: 'phone' }],
    ['value', { ...phone, value: '12025550131' }],
    ['value', { ...phone, value: '+1 202 555 0131' }],
    ['value', { ...phone, value: '+0202555013' }],
    ['value', { ...phone, value: '+1202555013112345' }],
    ['value', { ...user, value: ' 77' }],
    ['value', { ...user, value: 'a\u0000b' }],
    ['value', { ...user, value: 'x'.repeat(257) }],
    ['value', { kind: 'sip_user', value: 'sip:1001@pbx.example', sub: 'ann' }],
    ['value', { kind: 'sip_user', value: '1001@', sub: 'ann' }],
    ['sub', { ...phone, sub: 'x'.repeat(257) }],
    ['team', { ...phone, team: '' }],
  ]
  for (const [parameter, body] of refused) {
    t.match(await mappings.put(body), { status: 400, body: { parameter } }, JSON.stringify(body))
  }
  t.match(await mappings.put({ ...phone, extra: 1 }), { status: 400 })
  t.match(await mappings.put([phone]), { status: 400 })
  const accepted = [
    { ...user, value: 'Ann@Example.com' },
    { kind: 'sip_user', value: '1001', sub: 'ann' },
    { kind: 'sip_user', value: '1001@PBX.example', sub: 'ann' },
    { ...phone, provider: null, team: null },
  ]
  for (const body of accepted) t.match(await mappings.put(body), { status: 201 })
  const { items } = (await mappings.get()).body as Page<Mapping>
  t.strictSame(items.map(({ value }) => value).toSorted(), [
    '+12025550131',
    '1001',
    '1001@pbx.example',
    'ann@example.com',
  ])
})

t.test('a list is read page by page and filtered, however a number is written', async (t) => {
  const mappings = mappingsOf(await build(t))
  for (const index of [0, 1, 2, 3, 4]) {
    await mappings.put({ ...phone, value: `+1202555010${index}`, sub: `u${index % 2}` })
  }
  const values: string[] = []
  let next: string | null = ''
  while (next !== null) {
    const rest: string = next === '' ? '' : `&cursor=${next}`
    const page: Page<Mapping> = (await mappings.get(`?limit=2${rest}`)).body
    values.push(...page.items.map(({ value }) => value))
    next = page.next
  }
  t.strictSame(
    values,
    [4, 3, 2, 1, 0].map((index) => `+1202555010${index}`),
  )
  const count = async (query: string) =>
    ((await mappings.get(query)).body as Page<Mapping>).items.length
  t.equal(await count('?user=u1'), 2)
  t.equal(await count('?value=%2B12025550103'), 1)
  t.equal(await count('?value=+12025550103'), 1)
  t.equal(await count('?kind=sip_user'), 0)
  t.equal(await count('?provider=dialpad'), 0)
  for (const query of ['?kind=x', '?provider=x', '?limit=0', '?limit=201', '?cursor=x', '?usr=x']) {
    t.match(await mappings.get(query), { status: 400 }, query)
  }
})

t.test('another app’s mapping is as unknown as none', async (t) => {
  const dataDir = temporaryDir(t)
  const [first, second] = await storeWithApps(t, dataDir, 2)
  const suite = await build(t, { dataDir })
  const { id } = (await mappingsOf(suite, first).put(phone)).body as Mapping
  const others = mappingsOf(suite, second)
  const absent = JSON.stringify(await others.get(`/${unknown}`))
  for (const answer of [
    await others.get(`/${id}`),
    await others.put({ sub: 'x' }, `/${id}`),
    await others.remove(id),
  ]) {
    t.match(answer, { status: 404, body: { code: 'mapping_not_found' } })
    t.equal(Object.keys(answer.body).join(), Object.keys(JSON.parse(absent).body).join())
  }
  t.strictSame(((await others.get()).body as Page<Mapping>).items, [])
  t.equal((await mappingsOf(suite, first).get(`/${id}`)).status, 200)
  t.match(await others.get('/abc'), { status: 400, body: { code: 'invalid_uuid' } })
  t.match(await mappingsOf(suite, unknown).get(), { status: 404, body: { code: 'app_not_found' } })
})

t.test('whoever is mapped gets the calls under way at once, and loses them again', async (t) => {
  const suite = await build(t)
  const mappings = mappingsOf(suite)
  const jo = await agent(suite.url, 'u1')
  await publish(suite.app, [{ callId: 'c1', ...of('A7'), from: null, to: null }])
  const user = { kind: 'provider_user', provider: 'telnyx', value: 'A7', sub: 'u1' }
  const { id } = (await mappings.put(user)).body as Mapping
  const shown = async (): Promise<unknown> => {
    for (;;) {
      const { event, data } = await jo.next()
      if (event === 'snapshot') return (data['calls'] as { id: string }[]).map((call) => call.id)
    }
  }
  t.strictSame(await shown(), ['c1'])
  await mappings.put({ sub: 'u2' }, `/${id}`)
  t.strictSame(await shown(), [])
  await mappings.put({ sub: 'u1' }, `/${id}`)
  t.strictSame(await shown(), ['c1'])
  await mappings.remove(id)
  t.strictSame(await shown(), [])
})

t.test('whom providers name and nobody has mapped is listed, also after a restart', async (t) => {
  const dataDir = temporaryDir(t)
  const suite = await build(t, { dataDir })
  const mappings = mappingsOf(suite)
  const path = '/unmapped'
  t.strictSame((await mappings.get(path)).body, { items: [], next: null })
  const ann = { id: '77', email: 'Ann@Example.com', name: 'Ann' }
  await publish(suite.app, [
    { callId: 'c1', agent: ann },
    { callId: 'c2', ...of('78') },
    { callId: null, type: 'agent.status.changed', ...of('79') },
  ])
  const listed = async (at = mappings): Promise<string[]> =>
    ((await at.get(path)).body as Page<Mapping>).items.map(({ value }) => value).toSorted()
  t.strictSame(await listed(), ['77', '78', '79'], 'although no client was there')
  const { items } = (await mappings.get(path)).body as Page<Mapping>
  t.match(
    items.find(({ value }) => value === '77'),
    {
      kind: 'provider_user',
      provider: 'telnyx',
      name: 'Ann',
      email: 'ann@example.com',
      firstSeenAt: /Z$/,
      lastSeenAt: /Z$/,
    },
  )
  const page = (await mappings.get(`${path}?limit=2`)).body as Page<Mapping>
  t.equal(page.items.length, 2)
  t.match(await mappings.get(`${path}?limit=2&cursor=${page.next}`), {
    body: { items: { length: 1 }, next: null },
  })
  t.match(await mappings.get(`${path}?cursor=x`), { status: 400 })
  const user = { kind: 'provider_user', provider: 'telnyx', sub: 'u1' }
  await mappings.put({
    items: [
      { ...user, value: 'ann@example.com' },
      { ...user, value: '79' },
    ],
  })
  t.strictSame(await listed(), ['78'])

  await suite.app.close()
  const restarted = await build(t, { dataDir })
  await agent(restarted.url, 'u1')
  const after = mappingsOf(restarted)
  t.strictSame(await listed(after), ['78'])
  // A hub with clients learns as it goes; what it shows is noted before long.
  await publish(restarted.app, [{ callId: 'c3', ...of('80') }])
  await until(async () => (await listed(after)).includes('80'))
})
