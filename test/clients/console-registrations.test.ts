import t from 'tap'
import { matches, remainingMs } from '../../clients/console/registrations/registration.ts'
import { until } from '../kit/until.ts'
import { looks, looksRight } from './console-flaws.ts'
import { openPage, signIn, startBrowser, startSite, type Site } from './console-page.ts'
import type { Page } from 'playwright-core'

const browser = await startBrowser(t)

const registration = {
  aor: 'sip:1001@pbx.example.com',
  contact: 'sip:k2j4h@v7d9x.invalid;transport=ws',
  shadowContact: null,
  instance: '<urn:uuid:8f9c1de2-0f1e-4c53-9a31-0d1f6f6f0001>',
  userAgent: 'JsSIP 3.13.8',
  address: '192.0.2.7',
  upstream: 'phantom',
  grantedSeconds: 600,
  remainingSeconds: 420,
  shadow: null,
}
const two = [
  registration,
  {
    ...registration,
    aor: 'sip:1002@pbx.example.com',
    contact: 'sip:<b>x</b>@v.invalid',
    userAgent: null,
    upstream: 'genesys',
    remainingSeconds: 20,
  },
]

/** The page as it is for these registrations; they may change later. */
async function openRegistrations(page: Page, site: Site, items: readonly object[]): Promise<void> {
  await page.route('**/api/registrations*', (route) =>
    route.fulfill({ json: { items, next: null } }),
  )
  await signIn(page, site)
  await page.getByLabel('Pages').getByText('Registrations').click()
  await page.getByRole('heading', { level: 1, name: 'Registrations' }).waitFor()
}

const rows = (page: Page) => page.getByRole('table', { name: 'Registrations' }).locator('tbody tr')

t.test('without registrations the page says what makes one appear', async (t) => {
  const site = await startSite(t)
  const { page, said } = await openPage(t, browser)
  await openRegistrations(page, site, [])
  await page.getByText('Nobody is registered').waitFor()
  t.match(await page.locator('.empty pre').innerText(), 'switchhook doctor sip')
  t.equal(await page.locator('.insecure').count(), 0)
  t.strictSame(said, [], 'the policy of the page allows all that it does')
})

t.test('who is registered is shown with what is left, and text stays text', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await openRegistrations(page, site, two)
  await rows(page).nth(1).waitFor()
  const first = await rows(page).nth(0).innerText()
  t.match(first, /1001@pbx\.example\.com[^]*[67]:\d\d[^]*k2j4h@v7d9x[^]*JsSIP[^]*192\.0\.2\.7/)
  t.match(await rows(page).nth(1).innerText(), '<b>x</b>')
  t.equal(await rows(page).nth(1).locator('.expiry.soon').count(), 1)
  const before = await rows(page).nth(0).locator('.expiry').innerText()
  await until(async () => (await rows(page).nth(0).locator('.expiry').innerText()) !== before)
})

t.test('who comes and who goes shows by itself', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  const items: object[] = [registration]
  await openRegistrations(page, site, items)
  await rows(page).first().waitFor()
  items.push(two[1]!)
  await rows(page).nth(1).waitFor()
  items.length = 0
  await page.keyboard.press('r')
  await page.getByText('Nobody is registered').waitFor()
})

t.test('rows are filtered by all their words, and the address says how', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await openRegistrations(page, site, two)
  await rows(page).nth(1).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('genesys 1002')
  await rows(page).nth(1).waitFor({ state: 'detached' })
  t.match(await rows(page).innerText(), '1002@pbx')
  t.match(page.url(), 'q=genesys')
  await page.keyboard.type('x')
  await page.getByText('No registration matches').waitFor()
  await page.getByRole('button', { name: 'Show all registrations' }).click()
  await rows(page).nth(1).waitFor()
})

t.test('a user is traced with one key press, and the page knows', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await openRegistrations(page, site, two)
  await rows(page).first().waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByText('sip:1001@pbx.example.com is traced until').waitFor()
  await rows(page).nth(0).getByRole('link', { name: 'traced' }).click()
  await page.getByRole('heading', { level: 1, name: 'SIP trace' }).waitFor()
  const traced = page.getByRole('table', { name: 'Users' })
  await traced.waitFor()
  t.match(await traced.innerText(), /sip:1001@pbx\.example\.com[^]*active[^]*left/)
})

t.test('an upstream that anybody can stand in for is named in red', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await page.route('**/health', (route) =>
    route.fulfill({
      json: { status: 'degraded', checks: { sip: { status: 'failed', reason: 'lab, old-pbx' } } },
    }),
  )
  await openRegistrations(page, site, two)
  const warning = page.getByRole('alert').filter({ hasText: 'Insecure upstream' })
  await warning.waitFor()
  t.match(await warning.innerText(), 'lab, old-pbx')
})

t.test('agents are told that it is not for them', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await page.route('**/api/registrations*', (route) =>
    route.fulfill({ status: 403, json: { code: 'supervisors_only', detail: 'not for you' } }),
  )
  await signIn(page, site)
  await page.goto(`${site.url}#/registrations`)
  await page.getByRole('alert', { name: 'Problem' }).getByText('supervisors_only').waitFor()
})

t.test('what remains is counted from when it was told', (t) => {
  const one = { ...registration }
  t.equal(remainingMs(one, 1_000), 420_000)
  t.equal(remainingMs(one, 21_000), 400_000)
  t.equal(remainingMs(one, 999_000), 0)
  t.ok(matches(one, 'jssip 1001'))
  t.notOk(matches(one, 'jssip 1003'))
  t.end()
})

for (const { name, options } of looks) {
  t.test(`registrations, ${name}: readable for everybody`, async (t) => {
    const site = await startSite(t)
    const { page } = await openPage(t, browser, options)
    await openRegistrations(page, site, [])
    await page.getByText('Nobody is registered').waitFor()
    await looksRight(t, page, `registrations-empty-${name}`)
    await page.unroute('**/api/registrations*')
    await page.route('**/health', (route) =>
      route.fulfill({
        json: {
          checks: {
            sip: { status: 'failed', reason: 'trust: insecure, so that anybody may …: lab' },
          },
        },
      }),
    )
    await page.goto(site.url)
    await openRegistrations(page, site, two)
    await rows(page).first().getByRole('button').click()
    await page.getByRole('link', { name: 'traced' }).waitFor()
    await looksRight(t, page, `registrations-${name}`)
  })
}
