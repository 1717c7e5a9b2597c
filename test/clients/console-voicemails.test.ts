import t, { type Test } from 'tap'
import { looks, looksRight } from './console-flaws.ts'
import { openPage, signIn, startBrowser, startSite } from './console-page.ts'
import { listening, tell, tellVoicemail } from './console-story.ts'
import type { Page } from 'playwright-core'

const browser = await startBrowser(t)

const items = (page: Page) => page.locator('.voicemail')
const ago = (minutes: number): number => Date.now() - minutes * 60_000

/** The page with the one voicemail that there is. */
async function openVoicemails(t: Test): Promise<Page> {
  const site = await startSite(t, listening)
  await tellVoicemail(site, { call: 'left', at: ago(30) })
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  await page.goto(`${site.url}#/voicemails`)
  await items(page).first().waitFor()
  return page
}

t.test('a voicemail is read, heard and marked, and its call is one step away', async (t) => {
  const site = await startSite(t, listening)
  await tellVoicemail(site, { call: 'left', at: ago(30) })
  const { page, said } = await openPage(t, browser)
  await signIn(page, site)
  await page.getByLabel('Pages').getByText('Voicemails').click()
  await items(page).first().waitFor()
  t.match(await items(page).innerText(), /new[^]*\+442079460018[^]*the invoice of last week/)
  const play = items(page).getByRole('link', { name: 'Play' })
  t.equal(await play.getAttribute('href'), 'https://recordings.example.com/left-voicemail.mp3')
  t.equal(await play.getAttribute('rel'), 'noreferrer')
  await items(page).getByRole('button', { name: 'Mark as heard' }).click()
  await items(page).getByText('by you').waitFor()
  t.match(await items(page).innerText(), 'heard')
  await page.reload()
  await page.getByText('Nothing left to hear').waitFor()
  await page.getByRole('button', { name: 'Show those that were heard' }).click()
  await items(page).getByRole('button', { name: 'Mark as new' }).click()
  await items(page).getByText('new', { exact: true }).waitFor()
  await items(page).getByRole('link', { name: 'call' }).click()
  await page.locator('main.call .badge.missed').waitFor()
  await page.locator('.media', { hasText: 'Voicemail' }).waitFor()
  t.strictSame(said, [], 'the policy of the page allows all that it does')
})

t.test('a mark that the hub refuses is taken back, and said', async (t) => {
  const page = await openVoicemails(t)
  const asked = Promise.withResolvers<() => Promise<void>>()
  await page.route('**/api/voicemails/*', (route) =>
    asked.resolve(() =>
      route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        body: JSON.stringify({ code: 'unavailable', detail: 'The store is away.' }),
      }),
    ),
  )
  await items(page).getByRole('button', { name: 'Mark as heard' }).click()
  await items(page).getByText('heard', { exact: true }).waitFor()
  await (
    await asked.promise
  )()
  await page.getByText('Not marked: unavailable, The store is away.').waitFor()
  await items(page).getByText('new', { exact: true }).waitFor()
})

t.test('voicemails go by keyboard, and new ones are announced', async (t) => {
  const site = await startSite(t, listening)
  await tellVoicemail(site, { call: 'one', at: ago(30) })
  await tellVoicemail(site, { call: 'two', at: ago(20), from: '+12025550177' })
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  await page.goto(`${site.url}#/voicemails`)
  await items(page).nth(1).waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('h')
  await items(page).nth(1).getByText('heard', { exact: true }).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('+12025550177')
  await items(page).nth(1).waitFor({ state: 'detached' })
  t.match(await items(page).innerText(), '+1 202 555 0177')
  await page.getByLabel('Number').fill('')
  await tellVoicemail(site, { call: 'three', at: ago(1), from: '+12025550188' })
  await page.getByRole('button', { name: '1 new voicemail: show' }).click()
  await items(page).first().getByText('+1 202 555 0188').waitFor()
})

t.test('what is typed stays while something else is shown anew', async (t) => {
  const page = await openVoicemails(t)
  const asked = Promise.withResolvers<() => Promise<void>>()
  await page.route('**/api/voicemails/*', (route) => asked.resolve(() => route.continue()))
  await page.keyboard.press('j')
  await page.keyboard.press('h')
  const answer = await asked.promise
  const field = page.getByLabel('Number')
  // Typing rests when the test says so, and not before.
  const time = Date.now()
  await page.clock.install({ time })
  await page.clock.pauseAt(time + 60_000)
  await field.pressSequentially('+44 2079')
  await answer()
  await items(page).getByText('by you').waitFor()
  t.equal(await field.inputValue(), '+44 2079', 'what was typed is not looked up yet, and stays')
  await field.pressSequentially('46 ')
  await page.clock.runFor(300)
  await page.waitForURL(/number=%2B44\+207946$/)
  t.equal(await field.inputValue(), '+44 207946 ', 'a space at the end is still being typed')
  await page.clock.resume()
  await page.getByRole('button', { name: 'Show all voicemails' }).click()
  await items(page).first().waitFor()
  t.equal(await field.inputValue(), '', 'a filter that is set elsewhere is shown')
})

t.test('what a provider names as a recording is a link only if it is one', async (t) => {
  const site = await startSite(t, listening)
  const ended = Math.floor(Date.now() / 1_000) - 60
  await tell(site, 'voicemail.received', {
    from: '+12025550177',
    url: `https://recordings.example.com/old.mp3?Expires=${ended}`,
  })
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  await page.goto(`${site.url}#/voicemails`)
  await items(page).getByText('the link has expired').waitFor()
  await page.route('**/api/voicemails?*', async (route) => {
    const answer = await route.fetch()
    const { items: found, next } = (await answer.json()) as {
      items: { recording: object }[]
      next: null
    }
    const recording = { url: 'javascript:alert(1)', expires_at: null }
    await route.fulfill({ json: { items: found.map((one) => ({ ...one, recording })), next } })
  })
  await page.getByRole('button', { name: 'Refresh' }).click()
  await items(page).getByText('javascript:alert(1)').waitFor()
  t.equal(await items(page).getByRole('link', { name: 'Play' }).count(), 0)
})

for (const { name, options } of looks) {
  t.test(`${name}: voicemails are readable for everybody`, async (t) => {
    const site = await startSite(t, listening)
    const { page } = await openPage(t, browser, options)
    await signIn(page, site)
    await page.goto(`${site.url}#/voicemails`)
    await page.getByText('Nothing left to hear').waitFor()
    await looksRight(t, page, `voicemails-empty-${name}`)
    await tellVoicemail(site, { call: 'one', at: ago(30) })
    await tellVoicemail(site, { call: 'two', at: ago(20), from: '+12025550177' })
    await page.getByRole('button', { name: 'Refresh' }).click()
    await items(page).nth(1).waitFor()
    await items(page).last().getByRole('button', { name: 'Mark as heard' }).click()
    await items(page).getByText('by you').waitFor()
    await looksRight(t, page, `voicemails-${name}`)
  })
}
