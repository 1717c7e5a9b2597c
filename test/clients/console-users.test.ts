import { randomUUID } from 'node:crypto'
import t from 'tap'
import { internal } from '../kit/internal.ts'
import { post } from '../kit/sender.ts'
import { signedByLibrary, standardWebhooksSecret } from '../kit/standard-webhooks.ts'
import { looks, looksRight } from './console-flaws.ts'
import { openPage, signInOperator, startBrowser, startSite, type Site } from './console-page.ts'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'

const browser = await startBrowser(t)

const start = (t: Test): Promise<Site> =>
  startSite(t, { STANDARD_WEBHOOKS_SECRET: standardWebhooksSecret })

/** A call is answered by somebody. */
async function answered({ url }: Site, agent: object): Promise<void> {
  const text = JSON.stringify({ type: 'call.answered', data: { call_id: randomUUID(), agent } })
  const at = Math.floor(Date.now() / 1000)
  const given = { id: `msg_${randomUUID()}`, at, text, secret: standardWebhooksSecret }
  const { body, headers } = signedByLibrary(given)
  const sent = { body, headers: headers as Record<string, string> }
  const { status } = await post(url, sent, '/webhooks/standard-webhooks')
  if (status !== 200) throw new Error(`the webhook was answered ${status}`)
}

async function openUsers(page: Page, site: Site): Promise<void> {
  await signInOperator(page, site)
  await page.getByLabel('Pages').getByText('Access').click()
  await page.getByRole('link', { name: 'Users' }).click()
  await page.getByRole('heading', { name: 'Not mapped yet' }).waitFor()
}

const button = (page: Page, name: string) => page.getByRole('button', { name })
const dialog = (page: Page) => page.getByRole('dialog')
const gone = (page: Page) => dialog(page).waitFor({ state: 'detached' })
const mapped = (page: Page) =>
  page.getByRole('table', { name: 'Mappings, the newest first' }).locator('tbody tr')

async function add(page: Page, kind: string, [value, user]: [string, string]): Promise<void> {
  await button(page, 'Add').click()
  await dialog(page).getByLabel('Kind').selectOption({ label: kind })
  await dialog(page).getByLabel('Value').fill(value)
  await dialog(page).getByRole('textbox', { name: 'User' }).fill(user)
  await dialog(page).getByRole('button', { name: 'Map' }).click()
}

const csv = `kind;provider;value;user;team
provider_user;dialpad;5312445;ann@shop.example;sales
phone number;;+12025550131;bob@shop.example;
sip_user;;1001;ann@shop.example;"sales; north"`

t.test('who takes calls and is nobody here is mapped in one step', async (t) => {
  const site = await start(t)
  const name = '<img src=x onerror=alert(1)>'
  await answered(site, { id: '77', email: 'ann@shop.example', name })
  const { page, said } = await openPage(t, browser)
  await openUsers(page, site)
  const unmapped = page.getByRole('table', { name: 'Provider users' }).locator('tbody tr')
  await unmapped.getByText(name).first().waitFor()
  await unmapped.getByRole('button', { name: 'Map' }).click()
  t.equal(
    await dialog(page).getByRole('textbox', { name: 'User' }).inputValue(),
    'ann@shop.example',
  )
  await dialog(page).getByLabel('Team').fill('sales')
  await page.keyboard.press('Enter')
  await gone(page)
  await page.getByText('Nobody. Who takes a call').waitFor()
  t.match(await mapped(page).innerText(), /Provider user standard-webhooks\s+77\s+ann@shop.example/)
  t.strictSame(said, [], 'the policy of the page allows all that it does')
})

t.test('mappings are added, found, changed and removed', async (t) => {
  const site = await start(t)
  const { page } = await openPage(t, browser)
  await openUsers(page, site)
  await page.getByText('Nobody is mapped yet').waitFor()
  await add(page, 'Phone number', ['0202 555 0131', 'bob'])
  await dialog(page).getByRole('alert').getByText('invalid_parameter').waitFor()
  await dialog(page).getByLabel('Value').fill('+12025550131')
  await page.keyboard.press('Enter')
  await gone(page)
  await add(page, 'SIP user', ['1001', 'ann'])
  await gone(page)
  await mapped(page).nth(1).waitFor()

  await page.keyboard.press('/')
  await page.keyboard.type('bob')
  await mapped(page).nth(1).waitFor({ state: 'detached' })
  t.match(await mapped(page).innerText(), '+12025550131')
  t.match(page.url(), 'q=bob')
  await page.reload()
  await mapped(page).getByText('bob').waitFor()
  t.equal(await mapped(page).count(), 1, 'a link shows the same')

  await button(page, 'Edit').click()
  await dialog(page).getByRole('textbox', { name: 'User' }).fill('bobby')
  await page.keyboard.press('Enter')
  await gone(page)
  await mapped(page).getByText('bobby').waitFor()
  await page.getByRole('searchbox').fill('')
  await button(page, 'Remove 1001').click()
  t.match(await dialog(page).innerText(), 'no longer those of ann')
  await button(page, 'Remove the mapping').click()
  await gone(page)
  await mapped(page).nth(1).waitFor({ state: 'detached' })
  t.equal(await page.evaluate('document.activeElement.textContent'), 'Access', 'the row is gone')
})

t.test('many are pasted, mistakes are told by line, and all are mapped at once', async (t) => {
  const site = await start(t)
  const { page } = await openPage(t, browser)
  await openUsers(page, site)
  await button(page, 'Paste many…').click()
  const rows = dialog(page).getByRole('textbox', { name: 'Rows' })
  await rows.fill(`${csv}\nsip_user;;sip:1002;x;\nnone;;1;x;\nsip_user;;1001;x;`)
  await page.getByText('6 rows, 3 with a mistake.').waitFor()
  const preview = await page.getByRole('region', { name: 'What the rows say' }).innerText()
  t.match(preview, /5\s+.*sip:1002.*\s*.*without sip:/)
  t.match(preview, 'the kind must be one of')
  t.match(preview, 'the same as line 4')
  await rows.fill(csv)
  await page.getByText('3 rows, nothing wrong.').waitFor()
  await button(page, 'Map 3').click()
  await page.getByText('3 new, 0 changed, 0 as they were.').waitFor()
  await button(page, 'Close').click()
  await mapped(page).nth(2).waitFor()
  const { items } = (await internal(site.url, '/apps')).body as { items: { id: string }[] }
  const { body } = await internal(site.url, `/apps/${items[0]!.id}/user-mappings?value=1001`)
  t.match(body, { items: [{ kind: 'sip_user', sub: 'ann@shop.example', team: 'sales; north' }] })
})

t.test('rows are walked through by keyboard', async (t) => {
  const site = await start(t)
  await answered(site, { id: '1', name: 'One' })
  await answered(site, { id: '2', name: 'Two' })
  const { page } = await openPage(t, browser)
  await openUsers(page, site)
  await button(page, 'Map Two').waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  const focused = (): Promise<string> => page.evaluate('document.activeElement.innerText')
  const second = await focused()
  await page.keyboard.press('k')
  t.not(await focused(), second)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await dialog(page).waitFor()
  await page.keyboard.press('Escape')
  await gone(page)
  t.match(await focused(), 'Map')
})

for (const { name, options } of looks) {
  t.test(`users, ${name}: readable for everybody`, async (t) => {
    const site = await start(t)
    await answered(site, { id: '77', email: 'ann@shop.example', name: 'Ann Example' })
    await answered(site, { id: 'long'.repeat(30) })
    const { page } = await openPage(t, browser, options)
    await openUsers(page, site)
    await button(page, 'Paste many…').click()
    await dialog(page).getByRole('textbox').fill(`${csv}\nsip_user;;sip:1002;x;`)
    await page.getByText('with a mistake').waitFor()
    await looksRight(t, page, `users-paste-${name}`)
    await dialog(page).getByRole('textbox').fill(csv)
    await button(page, 'Map 3').click()
    await button(page, 'Close').click()
    await mapped(page).nth(2).waitFor()
    await looksRight(t, page, `users-${name}`)
    await button(page, 'Add').click()
    await looksRight(t, page, `users-add-${name}`)
  })
}
