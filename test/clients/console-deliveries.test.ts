import t from 'tap'
import { internal } from '../kit/internal.ts'
import { post, signBody, telnyxEvent } from '../kit/sender.ts'
import { looks, looksRight } from './console-flaws.ts'
import { openPage, signInOperator, startBrowser, startSite, type Site } from './console-page.ts'
import type { Page } from 'playwright-core'

const browser = await startBrowser(t)

/** Something that telnyx signed and nobody understands. */
async function quarantined({ url }: Site): Promise<void> {
  const body = Buffer.from('{"nothing":"we know"}')
  await post(url, { body, headers: signBody(body) })
}

async function openDeliveries(page: Page, site: Site): Promise<void> {
  await signInOperator(page, site)
  await page.getByLabel('Pages').getByText('Deliveries').click()
  await page.locator('main [aria-busy=false]').first().waitFor()
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const dialog = (page: Page) => page.getByRole('dialog')
const panel = (page: Page) => page.locator('.panel')
const rows = (page: Page) => page.getByRole('table', { name: 'Deliveries' }).locator('tbody tr')

async function auditOf({ url }: Site): Promise<string[]> {
  const { items } = (await internal(url, '/apps')).body as { items: { id: string }[] }
  const { body } = await internal(url, `/apps/${items[0]!.id}/audit`)
  return (body as { items: { action: string }[] }).items.map(({ action }) => action)
}

t.test('without deliveries the page says what makes one appear', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await openDeliveries(page, site)
  await page.getByText('No deliveries yet').waitFor()
  t.match(await page.locator('.empty pre').innerText(), 'switchhook simulate')
})

t.test('deliveries are filtered, and the address says how', async (t) => {
  const site = await startSite(t)
  await site.event({ call: 'a' })
  await quarantined(site)
  const { page, said } = await openPage(t, browser)
  await openDeliveries(page, site)
  await rows(page).nth(1).waitFor()
  t.match(await rows(page).nth(0).innerText(), /telnyx\s+quarantined\s+\S+/, 'the latest first')
  await page.getByLabel('Status').selectOption('accepted')
  await rows(page).nth(1).waitFor({ state: 'detached' })
  t.match(page.url(), 'status=accepted')
  await page.reload()
  await rows(page).getByText('accepted').waitFor()
  t.equal(await rows(page).count(), 1)
  await page.getByLabel('Status').selectOption('conflict')
  await page.getByText('No delivery matches').waitFor()
  await page.getByText('Show all deliveries').click()
  await rows(page).nth(1).waitFor()
  t.strictSame(said, [], 'the policy of the page allows all that it does')
})

t.test('a delivery is masked until somebody asks, which the audit remembers', async (t) => {
  const site = await startSite(t)
  await site.event({ call: 'a', payload: { caller_id_name: '<b>Ann</b>' } })
  const { page } = await openPage(t, browser)
  await openDeliveries(page, site)
  await rows(page).first().waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await panel(page).getByText('Request, masked').waitFor()
  t.match(await panel(page).innerText(), 'It was understood')
  t.notMatch(await panel(page).innerText(), '+12025550133')
  await button(page, 'Reveal…').click()
  t.match(await dialog(page).innerText(), 'kept in the audit')
  await page.keyboard.press('Escape')
  t.notMatch(await auditOf(site), ['delivery.revealed'])
  await button(page, 'Reveal…').click()
  await button(page, 'Reveal').click()
  await panel(page).getByText('Request, as it came').waitFor()
  t.match(await panel(page).innerText(), '+12025550133')
  t.match(await panel(page).innerText(), '<b>Ann</b>', 'text stays text')
  t.match(await auditOf(site), ['delivery.revealed'])
  await button(page, 'Hide').click()
  t.notMatch(await panel(page).innerText(), '+12025550133')
  await page.keyboard.press('Escape')
  await panel(page).waitFor({ state: 'detached' })
  t.ok(await page.evaluate("document.activeElement.matches('[data-row]')"), 'back in the list')
})

t.test('one that could not be read says why, is run again, and removed', async (t) => {
  const site = await startSite(t)
  await quarantined(site)
  const { page } = await openPage(t, browser)
  await openDeliveries(page, site)
  await rows(page).getByRole('link').click()
  await panel(page).getByText('Request, masked').waitFor()
  t.match(await panel(page).innerText(), /nobody could read it[^]*Why/)
  await panel(page).getByRole('button', { name: 'Run again' }).click()
  await panel(page).getByText('Run again: it still cannot be read.').waitFor()
  await button(page, 'Remove…').click()
  await button(page, 'Remove').click()
  await panel(page).getByText('What it said was removed, so').waitFor()
  await rows(page).getByText('purged').waitFor()
  t.equal(await button(page, 'Reveal…').count(), 0)
})

t.test('a time or a call is run again, and it is told what became of it', async (t) => {
  const site = await startSite(t)
  await site.event({ call: 'a' })
  await site.event({ call: 'b' })
  await quarantined(site)
  const { page } = await openPage(t, browser)
  await openDeliveries(page, site)
  await rows(page).first().waitFor()
  await button(page, 'Run again…').click()
  await button(page, 'Run again').click()
  const counts = dialog(page).locator('.counts')
  await counts.waitFor()
  t.match(await counts.innerText(), /3\s+deliveries read\s+0\s+became.*\s+2\s+nothing new.*\s+1\s/)
  await dialog(page).getByLabel('Only of this call').fill('a')
  await button(page, 'Run again').click()
  await counts.getByText('delivery read').waitFor()
  t.match(await counts.innerText(), /1\s+delivery read/)
  await page.keyboard.press('Escape')
  await dialog(page).waitFor({ state: 'detached' })
  t.equal(await page.evaluate('document.activeElement.textContent'), 'Run again…')
})

t.test('a number is forgotten, after it was asked', async (t) => {
  const site = await startSite(t)
  await site.event({ call: 'a', payload: { from: '+12025550199' } })
  await site.event({ call: 'b' })
  const { page } = await openPage(t, browser)
  await openDeliveries(page, site)
  await button(page, 'Forget a number…').click()
  await dialog(page).getByLabel('Number').fill('+12025550199')
  await button(page, 'Forget it').click()
  await dialog(page).getByText('It is gone. Changed: deliveries 1, events 1').waitFor()
  await button(page, 'Close').click()
  await rows(page).getByText('purged').waitFor()
  await rows(page).getByText('accepted').waitFor()
})

t.test('what came before is a page further', async (t) => {
  const site = await startSite(t)
  for (let event = 0; event < 51; event += 1) await post(site.url, telnyxEvent({ call: 'a' }))
  const { page } = await openPage(t, browser)
  await openDeliveries(page, site)
  await rows(page).nth(49).waitFor()
  await page.getByRole('link', { name: 'Older' }).click()
  await rows(page).nth(1).waitFor({ state: 'detached' })
  t.equal(await rows(page).count(), 1)
  await page.getByRole('link', { name: 'Newest' }).click()
  await rows(page).nth(49).waitFor()
})

for (const { name, options } of looks) {
  t.test(`deliveries, ${name}: readable for everybody`, async (t) => {
    const site = await startSite(t)
    const { page } = await openPage(t, browser, options)
    await openDeliveries(page, site)
    await site.event({ call: 'a' })
    await quarantined(site)
    await page.reload()
    await rows(page).nth(1).waitFor()
    await looksRight(t, page, `deliveries-${name}`)
    await rows(page).getByRole('link').first().click()
    await panel(page).getByText('Request, masked').waitFor()
    await looksRight(t, page, `delivery-${name}`)
    await page.keyboard.press('Escape')
    await button(page, 'Run again…').click()
    await button(page, 'Run again').click()
    await dialog(page).locator('.counts').waitFor()
    await looksRight(t, page, `deliveries-replay-${name}`)
  })
}
