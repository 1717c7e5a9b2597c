import t, { type Test } from 'tap'
import { openRegistrations, type Registration } from '@switchhook/shared/registrations'
import { sampleRegistration } from '../contracts/registrations.ts'
import { build, jwtSecret, type Suite } from '../kit/build.ts'
import { signToken } from '../kit/token.ts'

interface Body {
  readonly items: Record<string, unknown>[]
  readonly next: string | null
  readonly code?: string
  readonly parameter?: string
}

async function ask({ url }: Suite, query: string, token?: string) {
  const headers = { ...(token !== undefined && { authorization: `Bearer ${token}` }) }
  const signal = AbortSignal.timeout(30_000)
  const response = await fetch(new URL(`/api/registrations${query}`, url), { headers, signal })
  return { status: response.status, body: (await response.json()) as Body }
}

/** A suite in which these are registered over another process. */
async function suiteWith(t: Test, changes: readonly Partial<Registration>[]): Promise<Suite> {
  const suite = await build(t)
  const rows = openRegistrations(suite.app.store)
  const now = Date.now()
  const kept = changes.map((change, index) =>
    sampleRegistration({
      id: String(index).padStart(43, 'i'),
      app: suite.app.directory.firstApp.id,
      expiresAt: new Date(now + 300_000).toISOString(),
      registeredAt: new Date(now - index * 1_000).toISOString(),
      ...change,
    }),
  )
  await rows.beat('elsewhere', new Date().toISOString())
  await rows.write({ node: 'elsewhere', kept, gone: [] })
  return suite
}

t.test('a supervisor sees who is registered, and for how long', async (t) => {
  const suite = await suiteWith(t, [{ instance: '<urn:uuid:1>', userAgent: 'JsSIP 3.13.8' }])
  const { status, body } = await ask(suite, '', suite.token)
  t.equal(status, 200)
  const [{ remainingSeconds, ...rest } = { remainingSeconds: 0 }] = body.items
  t.ok(Number(remainingSeconds) > 200 && Number(remainingSeconds) <= 300)
  t.strictSame(rest, {
    aor: 'sip:1001@pbx.example',
    contact: 'sip:k3j@a1b2c3.invalid;transport=ws',
    shadowContact: null,
    instance: '<urn:uuid:1>',
    userAgent: 'JsSIP 3.13.8',
    address: '192.0.2.1',
    upstream: 'phantom',
    grantedSeconds: 600,
    shadow: null,
  })
  t.equal(body.next, null)
})

t.test('nobody else does: no stranger, no agent, no other app', async (t) => {
  const suite = await suiteWith(t, [{}, { app: '99999999-9999-4999-8999-999999999999' }])
  t.match(await ask(suite, ''), { status: 401, body: { code: 'auth_missing' } })
  const agent = await signToken(jwtSecret, { role: 'agent' })
  t.match(await ask(suite, '', agent), { status: 403, body: { code: 'supervisors_only' } })
  t.equal((await ask(suite, '', suite.token)).body.items.length, 1)
})

t.test('they are found by address, user and upstream', async (t) => {
  const suite = await suiteWith(t, [
    {},
    { aor: 'sip:1001@other.example' },
    { aor: 'sip:1002@pbx.example', user: '1002', upstream: 'genesys' },
  ])
  const found = async (query: string) => {
    const { body } = await ask(suite, query, suite.token)
    return body.items.map(({ aor }) => aor)
  }
  const [first, second, third] = [
    'sip:1001@pbx.example',
    'sip:1001@other.example',
    'sip:1002@pbx.example',
  ]
  for (const aor of [first, '1001@pbx.example', 'SIP:1001@PBX.EXAMPLE']) {
    t.strictSame(await found(`?aor=${encodeURIComponent(aor)}`), [first])
  }
  t.strictSame(await found('?user=1001'), [first, second])
  t.strictSame(await found('?upstream=genesys'), [third])
  t.strictSame(await found('?user=1001&upstream=genesys'), [])
  t.strictSame(await found('?user=1001&aor=sip:1001@other.example'), [second])
})

t.test('they come page by page, the newest first', async (t) => {
  const suite = await suiteWith(
    t,
    Array.from({ length: 7 }, (_, user) => ({
      user: String(user),
      contact: `sip:${user}@x.invalid`,
    })),
  )
  const seen: unknown[] = []
  let next: string | null = ''
  while (next !== null) {
    const cursor: string = next === '' ? '' : `&cursor=${next}`
    const { body } = await ask(suite, `?limit=3${cursor}`, suite.token)
    seen.push(...body.items.map(({ contact }) => contact))
    next = body.next
  }
  t.strictSame(
    seen,
    Array.from({ length: 7 }, (_, user) => `sip:${user}@x.invalid`),
  )
})

t.test('what makes no sense is refused by its name', async (t) => {
  const suite = await suiteWith(t, [])
  const asked = [
    ['?cursor=x', 'cursor'],
    [`?cursor=${Buffer.from('["2026-01-01T00:00:00.000Z","x"]').toString('base64url')}`, 'cursor'],
    ['?limit=0', 'limit'],
    ['?sub=ann', 'sub'],
  ] as const
  for (const [query, parameter] of asked) {
    t.match(
      await ask(suite, query, suite.token),
      { status: 400, body: { code: 'invalid_parameter', parameter } },
      query,
    )
  }
})

t.test('the registrations of a process are among its figures', async (t) => {
  const { url } = await suiteWith(t, [{}])
  const response = await fetch(new URL('/metrics', url), { signal: AbortSignal.timeout(30_000) })
  const text = await response.text()
  for (const name of ['registrations', 'registers_total', 'registers_unread_total']) {
    t.match(text, `# TYPE switchhook_sip_${name} `)
  }
  t.notMatch(text, /^switchhook_sip_registrations\{/m, 'those of another process are not')
})
