import t from 'tap'
import { providersOf, skewIn } from '../../clients/console/connections/health.ts'
import { isEntry, settingFor } from '../../clients/console/connections/setting.ts'
import { connect } from '../kit/client.ts'
import { looks, looksRight } from './console-flaws.ts'
import { openPage, signInOperator, startBrowser, startSite, type Site } from './console-page.ts'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'

const browser = await startBrowser(t)

const moving = 'https://old.example;until=2099-12-20;successor=https://new.example'
const start = (t: Test): Promise<Site> =>
  startSite(t, { ALLOWED_ORIGINS: `https://crm.example ${moving}` })

async function openConnections(page: Page, site: Site): Promise<void> {
  await signInOperator(page, site)
  await page.getByLabel('Pages').getByText('Connections').click()
  await page.getByRole('table', { name: 'Allowed pages' }).waitFor()
}

/** A page of an origin connects, or tries to. */
async function visit(t: Test, { url, token }: Site, origin: string): Promise<void> {
  const client = await connect(url, { token, headers: { origin } }).catch(() => null)
  t.teardown(() => client?.socket.terminate())
  await client?.nextNamed('connected').catch(() => null)
}

const row = (page: Page, table: string, text: string) =>
  page.getByRole('table', { name: table }).locator('tbody tr').filter({ hasText: text })

t.test('a refused page is told with the setting that would let it in', async (t) => {
  const site = await start(t)
  await visit(t, site, 'https://preview.example')
  const permissions = ['clipboard-read', 'clipboard-write']
  const { page, said } = await openPage(t, browser, { permissions })
  await openConnections(page, site)
  const refused = row(page, 'Refused pages', 'https://preview.example')
  t.match(await refused.innerText(), 'add https://preview.example to ALLOWED_ORIGINS')
  await refused.getByRole('button', { name: 'Copy the setting' }).click()
  await refused.getByText('Copied').waitFor()
  t.equal(
    await page.evaluate('navigator.clipboard.readText()'),
    `ALLOWED_ORIGINS=https://crm.example ${moving} https://preview.example`,
  )
  t.strictSame(said, [], 'the policy of the page allows all that it does')
})

t.test('who still comes from an origin that ends is named', async (t) => {
  const site = await start(t)
  const { page } = await openPage(t, browser)
  await openConnections(page, site)
  await page.getByText('Nobody uses an origin that ends').waitFor()
  await page.getByText('None since the hub started').first().waitFor()
  await visit(t, site, 'https://old.example')
  await page.reload()
  const old = row(page, 'Pages that have to move', 'https://old.example')
  await old.waitFor()
  t.match(await old.innerText(), /2099-12-20[^]*https:\/\/new\.example[^]*test@example.com/)
  await row(page, 'Allowed pages', 'https://crm.example').waitFor()
})

t.test('the hub tells how it is, and which providers deliver', async (t) => {
  const site = await start(t)
  await site.event({ call: 'a' })
  await fetch(new URL('/webhooks/telnyx', site.url), { method: 'POST', body: '{}' })
  await visit(t, site, 'https://crm.example')
  const { page } = await openPage(t, browser)
  await openConnections(page, site)
  await page.getByText('open sockets').waitFor()
  t.match(await page.locator('.figures').innerText(), /open sockets\s+1\s/)
  t.match(await page.locator('.checks').innerText(), /store\s+works/i)
  const telnyx = row(page, 'Providers', 'telnyx')
  await telnyx.getByText('delivers').waitFor()
  t.match(await telnyx.innerText(), /1 × missing_header[^]*environment/)
})

t.test('a user is signed out everywhere, after it was asked', async (t) => {
  const site = await start(t)
  const client = await connect(site.url, { token: site.token })
  await client.nextNamed('connected')
  const { page } = await openPage(t, browser)
  await openConnections(page, site)
  const field = page.getByLabel('User, as the tokens name them')
  await field.fill('u1')
  await page.keyboard.press('Enter')
  t.match(await page.getByRole('dialog').innerText(), 'Sign u1 out everywhere?')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await field.press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('Everything issued to u1 so far is refused.').waitFor()
  t.match(await client.closed, { code: Number })
  const again = await fetch(new URL('/api/presence', site.url), {
    headers: { authorization: `Bearer ${site.token}` },
  })
  t.equal(again.status, 401)
})

t.test('what the hub tells of its providers is read', (t) => {
  const silent =
    'silent: telnyx since 2026-01-02T03:04:05.000Z, vapi since 2026-01-01T00:00:00.000Z'
  const health = {
    status: 'degraded',
    version: '1',
    uptime: 1,
    checks: { providers: { status: 'failed', reason: silent } },
    websocket: { connections: 0, errors: 0 },
  }
  const metrics = `# HELP switchhook_ingest_last_delivery_timestamp_seconds When
switchhook_ingest_last_delivery_timestamp_seconds{provider="telnyx"} 1767323045
switchhook_ingest_clock_skew_seconds -3
switchhook_ingest_credential_last_matched_timestamp_seconds{app="a",provider="telnyx",source="environment",credential="1"} 1
switchhook_ingest_deliveries_total{provider="telnyx",outcome="accepted"} 7
switchhook_ingest_deliveries_total{provider="plivo",outcome="stale"} 1
switchhook_ingest_deliveries_total{provider="plivo",outcome="bad_signature"} 2
`
  t.strictSame(providersOf({ health, metrics, stored: ['telnyx'] }), [
    {
      provider: 'plivo',
      configured: [],
      lastAt: null,
      silentSince: null,
      refused: [
        ['bad_signature', 2],
        ['stale', 1],
      ],
    },
    {
      provider: 'telnyx',
      configured: ['app', 'environment'],
      lastAt: '2026-01-02T03:04:05.000Z',
      silentSince: '2026-01-02T03:04:05.000Z',
      refused: [],
    },
    {
      provider: 'vapi',
      configured: [],
      lastAt: null,
      silentSince: '2026-01-01T00:00:00.000Z',
      refused: [],
    },
  ])
  t.equal(skewIn(metrics), -3)
  t.strictSame(providersOf({ health: null, metrics: '', stored: [] }), [])
  t.equal(skewIn(''), null)
  t.end()
})

t.test('a file of origins gets a line, and what is no origin gets nothing', (t) => {
  const inFile = {
    origin: 'https://a.example',
    until: null,
    successor: null,
    source: 'ORIGINS_FILE',
  }
  t.strictSame(settingFor('https://b.example', [inFile]), {
    place: 'ORIGINS_FILE',
    text: 'https://b.example',
  })
  t.ok(isEntry('http://localhost:5173') && isEntry('null') && isEntry('app://shop'))
  t.notOk(isEntry('https://b.example/path') || isEntry('') || isEntry('https://b.example;x'))
  t.end()
})

for (const { name, options } of looks) {
  t.test(`connections, ${name}: readable for everybody`, async (t) => {
    const site = await start(t)
    const { page } = await openPage(t, browser, options)
    await openConnections(page, site)
    await site.event({ call: 'a' })
    await visit(t, site, 'https://old.example')
    await visit(t, site, 'https://preview.of-a-branch-with-a-very-long-name.some-company.example')
    await page.reload()
    await row(page, 'Providers', 'telnyx').waitFor()
    await row(page, 'Refused pages', 'preview').waitFor()
    await looksRight(t, page, `connections-${name}`)
    await page.getByLabel('User, as the tokens').fill('u1')
    await page.getByRole('button', { name: 'Sign out…' }).click()
    await looksRight(t, page, `connections-revoke-${name}`)
  })
}
