import { readFile } from 'node:fs/promises'
import t from 'tap'
import { looks, looksRight } from './console-flaws.ts'
import { openPage, scrollTo, signIn, startBrowser, startSite } from './console-page.ts'
import { listening, tell, tellCall, tellVoicemail } from './console-story.ts'
import type { Page } from 'playwright-core'

const browser = await startBrowser(t)

const minute = 60_000
const rows = (page: Page) => page.locator('.rows .row')
const ago = (minutes: number): number => Date.now() - minutes * minute

t.test('calls are found by what is looked for, and the address finds the same again', async (t) => {
  const site = await startSite(t, listening)
  await tellCall(site, 'talked', ago(90))
  await tellVoicemail(site, { call: 'left', at: ago(30) })
  await site.event({ call: 'outward', payload: { direction: 'outgoing', to: '+33123456789' } })
  const { page, said } = await openPage(t, browser)
  await signIn(page, site)
  await page.getByLabel('Pages').getByText('Calls').click()
  await rows(page).nth(2).waitFor()
  t.match(await rows(page).allInnerTexts(), [/initiated/, /missed/, /ended/], 'newest first')
  const finds = async (call: string): Promise<void> => {
    await page.locator(`.rows .row:only-child #call-${call}`).waitFor()
  }
  await page.getByLabel('Number').fill('+1 (202) 555-0133')
  await page.getByLabel('Direction').selectOption('inbound')
  await finds('talked')
  t.match(page.url(), /#\/calls\?.*number=%2B1\+%28202%29/)
  t.match(page.url(), 'direction=inbound')
  await page.reload()
  await finds('talked')
  t.equal(await page.getByLabel('Number').inputValue(), '+1 (202) 555-0133')
  await page.goto(`${site.url}#/calls?agent=jane.doe%40example.com`)
  await finds('talked')
  await page.goto(`${site.url}#/calls?state=live`)
  await finds('outward')
  await page.goto(`${site.url}#/calls?provider=telnyx`)
  await finds('outward')
  await page.goto(`${site.url}#/calls?range=1h&direction=inbound`)
  await finds('left')
  await page.getByLabel('Number').fill('999')
  await page.getByText('No call matches these filters').waitFor()
  await page.getByRole('button', { name: 'Show all calls' }).click()
  await rows(page).nth(2).waitFor()
  t.strictSame(said, [], 'the policy of the page allows all that it does')
})

t.test('a range of one’s own is in the address in a form that others can read', async (t) => {
  const site = await startSite(t, listening)
  await tellCall(site, 'older', ago(180))
  await tellCall(site, 'newer', ago(10))
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  await page.goto(`${site.url}#/calls`)
  await rows(page).nth(1).waitFor()
  await page.getByLabel('Began').selectOption('custom')
  const local = await page.evaluate<string>(
    `new Date(${ago(60)} - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 16)`,
  )
  await page.getByLabel('From', { exact: true }).fill(local)
  await page.getByLabel('From', { exact: true }).blur()
  await page.locator('#call-older').waitFor({ state: 'detached' })
  await page.locator('#call-newer').waitFor()
  t.match(decodeURIComponent(page.url()), /from=\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z/)
})

t.test('a list says what will be in it, and that there is something new', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  await page.goto(`${site.url}#/calls`)
  await page.getByText('No calls yet').waitFor()
  t.match(await page.locator('.empty pre').innerText(), 'pnpm@12 switchhook simulate')
  await site.event({ call: 'first' })
  await page.getByRole('button', { name: '1 new call: show' }).click()
  await page.locator('#call-first').waitFor()
  t.equal(await page.getByRole('button', { name: 'new call' }).count(), 0)
})

t.test('a long list is loaded as one scrolls, and only what is on screen exists', async (t) => {
  const site = await startSite(t)
  const calls = Array.from({ length: 230 }, (_, index) => `call-${index}`)
  await Promise.all(calls.map((call) => site.event({ call })))
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  await page.goto(`${site.url}#/calls`)
  await rows(page).first().waitFor()
  t.ok((await rows(page).count()) < 60)
  const table = page.getByRole('table', { name: 'Calls' })
  await scrollTo(page, page.locator('.row[aria-rowindex="231"]'))
  t.equal(await table.getAttribute('aria-rowcount'), '231')
  t.ok((await rows(page).count()) < 60, 'only the rows on screen exist')
})

t.test('what is found is saved as a file that no spreadsheet takes for formulas', async (t) => {
  const site = await startSite(t, listening)
  await tellCall(site, 'talked', ago(90))
  await tell(site, 'call.initiated', { call_id: '=2+5,"x"', from: '@evil', to: '+12025550131' })
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  await page.goto(`${site.url}#/calls`)
  await rows(page).nth(1).waitFor()
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export CSV' }).click()
  const file = await download
  t.match(file.suggestedFilename(), /^calls-\d{4}-\d\d-\d\d\.csv$/)
  const lines = (await readFile(await file.path(), 'utf8')).split('\r\n')
  t.match(lines[0], /^\u{FEFF}id,state,direction,from,to,agent,provider,began_at/u)
  t.match(lines[1], /^"'=2\+5,""x""",/)
  t.match(lines[2], /^talked,ended,inbound,'\+12025550133,'\+12025550131,Jane Doe,/)
  t.match(lines[2], ',87700,')
  t.equal(lines.length, 4)
  await page.getByText('Saved 2 calls').waitFor()
})

t.test('an export can be stopped', async (t) => {
  const site = await startSite(t)
  await site.event({ call: 'one' })
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  await page.goto(`${site.url}#/calls`)
  await rows(page).first().waitFor()
  await page.route('**/api/calls?limit=200*', () => {})
  await page.getByRole('button', { name: 'Export CSV' }).click()
  await page.getByText('0 calls so far').waitFor()
  await page.getByRole('button', { name: 'Cancel export' }).click()
  await page.getByRole('button', { name: 'Export CSV' }).waitFor()
  t.equal(await page.getByRole('alert', { name: 'Problem' }).count(), 0)
})

t.test('a call tells what happened, when, and what was said', async (t) => {
  const site = await startSite(t, listening)
  await tellCall(site, 'talked', ago(90))
  const { page, said } = await openPage(t, browser, {
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  await signIn(page, site)
  await page.goto(`${site.url}#/calls`)
  await rows(page).first().waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const call = page.locator('main.call')
  await call.getByText('<b>Ada</b>').first().waitFor()
  t.match(
    await call.locator('.page-head').innerText(),
    /ended[^]*\+1 202 555 0133[^]*\+1 202 555 0131/,
  )
  t.match(await call.locator('.facts').innerText(), /1:27[^]*Jane Doe[^]*completed/)
  t.match(await call.locator('.legs').innerText(), /ended/)
  const names = await call.locator('.timeline .event-name').allInnerTexts()
  t.strictSame(names.slice(0, 3), ['call-initiated', 'call-ringing', 'call-answered'])
  t.match(await call.locator('.timeline').innerText(), '+5.30 s')
  t.match(
    await call.locator('.transcript').innerText(),
    '<script>alert(1)</script>',
    'text is text',
  )
  const recording = call.getByRole('link', { name: 'Recording 1' })
  t.match(await recording.getAttribute('href'), 'recordings.example.com/talked.mp3')
  t.match(await call.locator('.media').innerText(), 'works for 2 h')
  await call.getByText('call-answered', { exact: true }).click()
  t.match(await call.locator('.timeline pre').innerText(), '"event": "call-answered"')
  t.match(await call.locator('.stages').innerText(), 'was before this page')
  t.match(await call.locator('.stages').innerText(), /Received\s*[+−]/)
  await call.getByRole('button', { name: 'Copy as curl' }).click()
  await call.getByText('Copied').waitFor()
  const curl = await page.evaluate<string>('navigator.clipboard.readText()')
  t.equal(curl, `curl -H "Authorization: Bearer $TOKEN" '${site.url}api/calls/talked'`)
  await page.keyboard.press('Escape')
  await page.locator('#call-talked:focus').waitFor()
  t.strictSame(said, [])
})

t.test('a live call grows while one looks at it', async (t) => {
  const site = await startSite(t, listening)
  const about = { call_id: 'now', from: '+12025550133', to: '+12025550131', direction: 'inbound' }
  await tell(site, 'call.ringing', about)
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  await rows(page).first().waitFor()
  await page.locator('.rows a').click()
  await page.getByRole('link', { name: 'Whole call' }).click()
  const call = page.locator('main.call')
  await call.locator('.badge.ringing').waitFor()
  await tell(site, 'call.answered', about)
  await call.locator('.badge.answered').waitFor()
  await tell(site, 'transcript.partial', { ...about, text: 'I would', role: 'user' })
  await call.locator('.transcript .partial', { hasText: 'I would' }).waitFor()
  await tell(site, 'transcript.final', { ...about, text: 'I would like a room.', role: 'user' })
  await call.locator('.transcript', { hasText: 'I would like a room.' }).waitFor()
  t.equal(await call.locator('.transcript .partial').count(), 0)
  await call.getByText('call-answered', { exact: true }).click()
  await call.locator('.stages', { hasText: /Here\s*[+−]/ }).waitFor()
  await call.locator('.legs', { hasText: 'answered' }).waitFor()
})

t.test('a call that there is not is a problem in words', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  await page.goto(`${site.url}#/calls/nobody%2Fcalled`)
  const problem = page.getByRole('alert', { name: 'Problem' })
  await problem.getByText('call_not_found').waitFor()
  await page.keyboard.press('Escape')
  await page.getByText('No calls yet').waitFor()
})

for (const { name, options } of looks) {
  t.test(`${name}: calls and a call are readable for everybody`, async (t) => {
    const site = await startSite(t, listening)
    const { page } = await openPage(t, browser, options)
    await signIn(page, site)
    await page.goto(`${site.url}#/calls`)
    await page.getByText('No calls yet').waitFor()
    await looksRight(t, page, `calls-empty-${name}`)
    await tellCall(site, 'talked', ago(90))
    await tellVoicemail(site, { call: 'left', at: ago(60 * 24 * 3) })
    await site.event({ call: 'outward', payload: { direction: 'outgoing', to: '+33123456789' } })
    await page.getByRole('button', { name: 'Refresh' }).click()
    await rows(page).nth(2).waitFor()
    await looksRight(t, page, `calls-${name}`)
    await page.locator('#call-talked').click()
    await page.locator('main.call .timeline').waitFor()
    await page.getByText('call-recording-saved', { exact: true }).click()
    await looksRight(t, page, `one-call-${name}`)
  })
}
