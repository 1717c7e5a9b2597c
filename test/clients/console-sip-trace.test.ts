import t from 'tap'
import { lanesOf, lookOf, wayOf, wordsOf } from '../../clients/console/sip-trace/lanes.ts'
import { looks, looksRight } from './console-flaws.ts'
import { openPage, signIn, startBrowser, startSite, type Site } from './console-page.ts'
import type { Page } from 'playwright-core'

const browser = await startBrowser(t)

const call = '5a1f-9c@v7d9x.invalid'
const begin = Date.UTC(2026, 10, 21, 12)

const message = (ms: number, from: 'browser' | 'upstream', startLine: string) => ({
  at: new Date(begin + ms).toISOString(),
  from,
  upstream: 'phantom',
  address: '192.0.2.7',
  port: 50_000,
  startLine,
  message: `${startLine}\r\nCall-ID: ${call}\r\nSubject: <b>hello</b>\r\n\r\n`,
})
const messages = [
  message(0, 'browser', 'INVITE sip:1002@pbx.example.com SIP/2.0'),
  message(12, 'upstream', 'SIP/2.0 407 Proxy Authentication Required'),
  message(14, 'browser', 'ACK sip:1002@pbx.example.com SIP/2.0'),
  message(18, 'browser', 'INVITE sip:1002@pbx.example.com SIP/2.0'),
  message(31, 'upstream', 'SIP/2.0 100 Trying'),
  message(402, 'upstream', 'SIP/2.0 180 Ringing'),
  message(4_210, 'upstream', 'SIP/2.0 200 OK'),
  message(4_230, 'browser', 'ACK sip:1002@pbx.example.com SIP/2.0'),
  message(64_000, 'upstream', 'BYE sip:k2j4h@v7d9x.invalid;transport=ws SIP/2.0'),
  message(64_006, 'browser', 'SIP/2.0 481 Call/Transaction Does Not Exist'),
]
const ladder = { call, messages, complete: true, missing: null as string | null }
const listed = {
  call,
  method: 'INVITE',
  from: 'sip:1001@pbx.example.com',
  to: 'sip:1002@pbx.example.com',
  upstream: 'phantom',
  startedAt: new Date(begin).toISOString(),
  lastAt: new Date(begin + 64_006).toISOString(),
  messages: messages.length,
}
const traced = {
  aor: 'sip:1001@pbx.example.com',
  by: 'ann@example.com',
  startedAt: new Date(begin).toISOString(),
  until: new Date(Date.now() + 400_000).toISOString(),
  state: 'active',
  messages: 10,
  dropped: 0,
}

/** Answers for the proxy what it is asked about traces. */
async function pretend(page: Page, answers: { ladder?: object; list?: object }): Promise<void> {
  await page.route('**/api/sip-trace*', (route) => {
    const asked = new URL(route.request().url()).searchParams.get('call')
    const answer = asked === null ? answers.list : answers.ladder
    return answer ? route.fulfill({ json: answer }) : route.fallback()
  })
}

async function openTraces(page: Page, site: Site): Promise<void> {
  await signIn(page, site)
  await page.getByLabel('Pages').getByText('SIP trace').click()
  await page.getByRole('heading', { level: 1, name: 'SIP trace' }).waitFor()
}

async function openLadder(page: Page, site: Site): Promise<void> {
  await signIn(page, site)
  await page.goto(`${site.url}#/sip-trace/${encodeURIComponent(call)}`)
  await rungs(page).first().waitFor()
}

const table = (page: Page, name: string) => page.getByRole('table', { name }).locator('tbody tr')
const rungs = (page: Page) => page.locator('.ladder summary')

t.test('a user is traced for a while, and no longer', async (t) => {
  const site = await startSite(t)
  const { page, said } = await openPage(t, browser)
  await openTraces(page, site)
  await page.getByText('Nothing is written down').waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('1001@pbx.example.com')
  await page.getByLabel('For').selectOption('30')
  await page.getByRole('button', { name: 'Trace', exact: true }).click()
  const users = table(page, 'Users')
  await users.getByText('active').waitFor()
  t.match(await users.innerText(), /sip:1001@pbx\.example\.com[^]*(?:30:00|29:5\d) left[^]*test@/)
  await page.getByText('Nothing has passed yet').waitFor()
  await users.getByRole('button', { name: /End/ }).click()
  await users.getByText('ended').waitFor()
  t.equal(await users.getByRole('button').count(), 0)
  t.strictSame(said, [], 'the policy of the page allows all that it does')
})

t.test('what cannot be traced is told with the reason', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await openTraces(page, site)
  await page.getByLabel('SIP user').fill('<nobody>')
  await page.keyboard.press('Enter')
  const problem = page.getByRole('alert', { name: 'Problem' })
  await problem.waitFor()
  t.match(await problem.innerText(), /invalid_parameter[^]*aor/)
})

t.test('a call that was written down is a ladder, opened without a mouse', async (t) => {
  const site = await startSite(t)
  const { page, said } = await openPage(t, browser)
  await pretend(page, { ladder, list: { traced: [traced], items: [listed], next: null } })
  await openTraces(page, site)
  t.match(await table(page, 'Written down').innerText(), /INVITE[^]*1001@pbx[^]*1002@pbx[^]*10/)
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await rungs(page).nth(9).waitFor()
  await page.getByText('complete so far').waitFor()
  const texts = await rungs(page).allInnerTexts()
  t.match(texts[0], /\+0 ms[^]*INVITE[^]*from browser 192\.0\.2\.7:50000 to upstream phantom/)
  t.match(texts[1], /\+12 ms[^]*407 Proxy[^]*from upstream phantom to browser/)
  t.match(texts[8], /\+1:04[^]*BYE/)
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const open = page.locator('.ladder details[open]')
  await open.locator('pre').waitFor()
  t.match(await open.innerText(), /407 Proxy[^]*Call-ID: 5a1f[^]*<b>hello<\/b>/, 'text stays text')
  await page.keyboard.press('Escape')
  await page.getByRole('heading', { level: 1, name: 'SIP trace' }).waitFor()
  t.strictSame(said, [])
})

t.test('all of a call is copied as text, for whoever runs the PBX', async (t) => {
  const site = await startSite(t)
  const permissions = ['clipboard-read', 'clipboard-write']
  const { page } = await openPage(t, browser, { permissions })
  await pretend(page, { ladder })
  await openLadder(page, site)
  await page.getByRole('button', { name: 'Copy all as text' }).click()
  await page.getByText('Copied').waitFor()
  const text = await page.evaluate<string>('navigator.clipboard.readText()')
  t.match(text, /^2026-11-21T12:00:00\.000Z 192\.0\.2\.7:50000 → phantom\nINVITE sip:1002@pbx/)
  t.match(text, '\n2026-11-21T12:00:00.012Z phantom → 192.0.2.7:50000\nSIP/2.0 407 Proxy')
})

t.test('a call with holes does not look whole', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await pretend(page, { ladder: { ...ladder, complete: false, missing: 'limit' } })
  await openLadder(page, site)
  t.match(await page.locator('.whole').innerText(), /incomplete\s+The trace was full/)
})

t.test('a call nobody traced is not there', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  await page.goto(`${site.url}#/sip-trace/nothing`)
  await page.getByRole('alert', { name: 'Problem' }).getByText('call_not_found').waitFor()
})

t.test('a call whose SIP was traced leads to its ladder', async (t) => {
  const site = await startSite(t)
  await site.event({ call: 'a' })
  await site.event({ call: 'b' })
  const { page } = await openPage(t, browser)
  const items = [{ ...listed, call: 'a' }]
  await pretend(page, { ladder: { ...ladder, call: 'a' }, list: { traced: [], items, next: null } })
  await signIn(page, site)
  await page.goto(`${site.url}#/calls/b`)
  await page.getByText('Timeline').waitFor()
  t.equal(await page.getByRole('link', { name: 'SIP ladder' }).count(), 0)
  await page.goto(`${site.url}#/calls/a`)
  await page.getByRole('link', { name: 'SIP ladder' }).click()
  await rungs(page).first().waitFor()
  t.match(page.url(), '#/sip-trace/a')
})

t.test('each browser and each upstream has a lane of its own', (t) => {
  // Behind the same address, as in an office.
  const other = { ...messages[5]!, port: 50_001 }
  const lanes = lanesOf([messages[0]!, other])
  t.strictSame(
    lanes.map(({ name }) => name),
    ['192.0.2.7:50000', '192.0.2.7:50001', 'Switchhook', 'phantom'],
  )
  t.strictSame(wayOf(messages[0]!, lanes), { from: 0, to: 3 })
  t.strictSame(wayOf(other, lanes), { from: 3, to: 1 })
  t.equal(wordsOf('SIP/2.0 200 OK'), '200 OK')
  t.equal(wordsOf('INVITE sip:x SIP/2.0'), 'INVITE')
  t.equal(wordsOf(''), '')
  t.strictSame(
    ['INVITE x', 'SIP/2.0 180 R', 'SIP/2.0 200 O', 'SIP/2.0 401 U', 'SIP/2.0 503 S'].map(lookOf),
    ['request', 'passing', 'well', 'asked', 'wrong'],
  )
  t.end()
})

for (const { name, options } of looks) {
  t.test(`sip trace, ${name}: readable for everybody`, async (t) => {
    const site = await startSite(t)
    const { page } = await openPage(t, browser, options)
    await openTraces(page, site)
    await page.getByText('Nothing is written down').waitFor()
    await looksRight(t, page, `sip-trace-empty-${name}`)
    const full = { ...traced, startedAt: 'x', aor: '1002', state: 'full', dropped: 3 }
    await pretend(page, { ladder, list: { traced: [traced, full], items: [listed], next: 'x' } })
    await page.reload()
    await table(page, 'Written down').first().waitFor()
    await looksRight(t, page, `sip-trace-${name}`)
    await table(page, 'Written down').getByRole('link').click()
    await rungs(page).nth(1).click()
    await page.locator('.ladder pre').waitFor()
    await looksRight(t, page, `sip-ladder-${name}`)
  })
}
