import t from 'tap'
import { internal } from '../kit/internal.ts'
import { looks, looksRight } from './console-flaws.ts'
import { openPage, signInOperator, startBrowser, startSite, type Site } from './console-page.ts'
import type { Page } from 'playwright-core'

const browser = await startBrowser(t)

/** The page of a fresh suite. */
async function openAccess(page: Page, site: Site): Promise<void> {
  await signInOperator(page, site)
  await page.getByLabel('Pages').getByText('Access').click()
  await page.getByRole('heading', { name: 'API keys' }).waitFor()
}

const button = (page: Page, name: string) => page.getByRole('button', { name })
const dialog = (page: Page) => page.getByRole('dialog')

/** Makes a key by hand. @returns its text */
async function makeKey(page: Page, overlap?: string): Promise<string> {
  await page.getByRole('button', { name: /^(Create a key|New key)$/ }).click()
  if (overlap !== undefined) await dialog(page).getByRole('combobox').selectOption(overlap)
  await button(page, 'Create the key').click()
  await page.getByText('it is not shown again').waitFor()
  const key = await dialog(page).getByLabel('API key').innerText()
  await button(page, 'I have copied it').click()
  await dialog(page).waitFor({ state: 'detached' })
  return key
}

const statusOf = async ({ url }: Site, key: string): Promise<number> =>
  (await fetch(new URL('/api/presence', url), { headers: { 'x-app-api-key': key } })).status

t.test('a key is shown once, works, is replaced with an overlap, and revoked', async (t) => {
  const site = await startSite(t)
  const { page, said } = await openPage(t, browser, {
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  await openAccess(page, site)
  await page.getByText('This app has no key yet').waitFor()

  await button(page, 'Create a key').click()
  await button(page, 'Create the key').click()
  await page.getByText('it is not shown again').waitFor()
  const first = await dialog(page).getByLabel('API key').innerText()
  await dialog(page).getByRole('button', { name: 'Copy' }).click()
  await page.getByText('Copied', { exact: true }).waitFor()
  t.equal(await page.evaluate('navigator.clipboard.readText()'), first)
  await page.keyboard.press('Escape')
  t.ok(await dialog(page).isVisible(), 'a key that was pressed by habit does not lose it')
  await button(page, 'I have copied it').click()
  await dialog(page).waitFor({ state: 'detached' })
  t.notMatch(await page.content(), first, 'it is nowhere on the page')
  t.notMatch(page.url(), first)
  await page.locator(':focus', { hasText: 'New key' }).waitFor()
  t.equal(await statusOf(site, first), 200)

  const second = await makeKey(page, 'for 1 hour')
  const rows = page.getByRole('table', { name: 'API keys' }).locator('tbody tr')
  await rows.filter({ hasText: 'overlap' }).waitFor()
  t.match(await rows.nth(0).innerText(), 'active')
  t.strictSame([await statusOf(site, first), await statusOf(site, second)], [200, 200])

  const old = rows.filter({ hasText: 'overlap' })
  await old.getByRole('button', { name: 'Revoke' }).click()
  t.match(await dialog(page).innerText(), `Revoke ${first.slice(0, 8)}`)
  t.match(await dialog(page).innerText(), '1 other key stays in use')
  await button(page, 'Revoke the key').click()
  await rows.filter({ hasText: 'revoked' }).waitFor()
  t.equal(await dialog(page).count(), 0)
  t.strictSame([await statusOf(site, first), await statusOf(site, second)], [401, 200])

  await page.getByRole('link', { name: 'Audit' }).click()
  const audit = page.getByRole('table', { name: 'Audit' }).locator('tbody tr')
  await audit.nth(2).waitFor()
  t.match(await audit.nth(0).innerText(), /Key revoked/)
  t.match(await audit.nth(0).innerText(), '127.0.0.1')
  t.notMatch(await page.content(), second)
  t.strictSame(said, [], 'the policy of the page allows all that it does')
})

t.test('a key that is not wanted is not made, and a dialog gives the focus back', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await openAccess(page, site)
  await button(page, 'Create a key').focus()
  await page.keyboard.press('Enter')
  await dialog(page).waitFor()
  await page.keyboard.press('Escape')
  await dialog(page).waitFor({ state: 'detached' })
  t.equal(await page.evaluate('document.activeElement.textContent'), 'Create a key')
  await page.getByText('This app has no key yet').waitFor()
})

t.test(
  'an app is created, chosen, renamed and switched off; the choice is remembered',
  async (t) => {
    const site = await startSite(t)
    const { page } = await openPage(t, browser)
    await openAccess(page, site)
    t.equal(await page.getByRole('combobox', { name: 'App' }).count(), 0, 'nothing to choose')
    await button(page, 'New app').click()
    await dialog(page).getByRole('textbox', { name: 'Name' }).fill('Second <b>shop</b>')
    await page.keyboard.press('Enter')
    const choice = page.getByRole('combobox', { name: 'App' })
    const chosen = (name: string) =>
      choice.locator('option:checked', { hasText: name }).waitFor({ state: 'attached' })
    await chosen('Second <b>shop</b>')
    await button(page, 'Rename').click()
    await dialog(page).getByRole('textbox', { name: 'Name' }).fill('Annex')
    await dialog(page).getByRole('button', { name: 'Rename' }).click()
    await chosen('Annex')
    await button(page, 'Deactivate').click()
    await button(page, 'Deactivate the app').click()
    await page.locator('.app-bar').getByText('not active', { exact: true }).waitFor()
    await page.getByLabel('Pages').getByText('Access').click()
    await page.reload()
    await chosen('Annex')
    const { items } = (await internal(site.url, '/apps')).body as { items: { name: string }[] }
    t.strictSame(items.map(({ name }) => name).slice(1), ['Annex'])
  },
)

t.test('what the hub refuses is said where it was asked, and can be tried again', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await openAccess(page, site)
  site.shut()
  await button(page, 'Create a key').click()
  await button(page, 'Create the key').click()
  await dialog(page).getByRole('alert').getByText('unreachable').waitFor()
  site.open()
  await button(page, 'Create the key').click()
  await page.getByText('it is not shown again').waitFor()
})

for (const { name, options } of looks) {
  t.test(`keys and audit, ${name}: readable for everybody`, async (t) => {
    const site = await startSite(t)
    const { page } = await openPage(t, browser, options)
    await openAccess(page, site)
    await makeKey(page)
    await makeKey(page, 'for 7 days')
    await makeKey(page, 'for 24 hours')
    await page
      .getByRole('button', { name: /^Revoke/ })
      .last()
      .click()
    await looksRight(t, page, `access-revoke-${name}`)
    await button(page, 'Revoke the key').click()
    await page.getByText('revoked', { exact: true }).waitFor()
    await looksRight(t, page, `access-keys-${name}`)
    await button(page, 'New key').click()
    await button(page, 'Create the key').click()
    await page.getByText('it is not shown again').waitFor()
    await looksRight(t, page, `access-fresh-${name}`)
    await button(page, 'I have copied it').click()
    await page.getByRole('link', { name: 'Audit' }).click()
    await page.getByRole('table', { name: 'Audit' }).waitFor()
    await looksRight(t, page, `access-audit-${name}`)
  })
}
