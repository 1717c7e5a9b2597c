import t from 'tap'
import { jwtSecret } from '../kit/build.ts'
import { signToken } from '../kit/token.ts'
import { openPage, scrollTo, signIn, startBrowser, startSite } from './console-page.ts'
import type { Page } from 'playwright-core'

const browser = await startBrowser(t)

const tokenField = (page: Page) => page.getByRole('textbox', { name: 'Token' })
const rows = (page: Page) => page.locator('.rows .row')
const row = (page: Page, from: string) => rows(page).filter({ hasText: from })

t.test('a token in the address signs in and leaves the address', async (t) => {
  const site = await startSite(t)
  const { page, said } = await openPage(t, browser)
  await signIn(page, site)
  t.equal(page.url(), site.url)
  t.equal(await page.evaluate('history.length'), 2, 'nor is it behind Back')
  await page.reload()
  await page.locator('.pill.live').waitFor()
  t.match(await page.locator('.user').innerText(), 'test@example.com')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await tokenField(page).waitFor()
  await page.reload()
  await tokenField(page).waitFor()
  t.strictSame(said, [], 'the policy of the page allows all that it does')
})

t.test('the form takes a token, and says what is wrong with one', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await page.goto(site.url)
  t.match(await page.locator('.how pre').innerText(), 'pnpm@12 switchhook token --email')
  const attempt = async (token: string): Promise<void> => {
    await tokenField(page).fill(token)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }
  await attempt('my password')
  await page.getByText('This is not a token').waitFor()
  await attempt(await signToken(jwtSecret, {}, { expires: 1_000 }))
  await page.getByText('auth_expired: Sign in with a fresh token.').waitFor()
  await attempt(site.token)
  await page.locator('.pill.live').waitFor()
})

t.test(
  'an origin that is not allowed is named, with the setting that would allow it',
  async (t) => {
    const site = await startSite(t, { PUBLIC_URL: 'https://hub.example' })
    const { page } = await openPage(t, browser)
    await page.goto(`${site.url}#token=${site.token}`)
    const origin = site.url.slice(0, -1)
    await page.getByText(`refused: origin_not_allowed ${origin}`).first().waitFor()
    t.match(await page.getByRole('alert').innerText(), `add ${origin} to ALLOWED_ORIGINS`)
    t.match(await page.locator('.total').innerText(), '–', 'no number is claimed')
  },
)

t.test('a call is on the board from its first event until after its last', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  await page.getByText('No calls now').waitFor()
  const name = '<img src=x onerror=alert(1)>'
  await site.event({ type: 'call.initiated', payload: { caller_id_name: name } })
  const call = row(page, '+1 202 555 0133')
  await call.getByText('initiated', { exact: true }).waitFor()
  t.match(await call.innerText(), name, 'text stays text')
  t.match(await call.innerText(), '+1 202 555 0131')
  await page.locator('[aria-live=polite].unseen', { hasText: '1 new call' }).waitFor()
  for (const [type, word] of [
    ['call.answered', 'answered'],
    ['call.hold', 'held'],
    ['call.unhold', 'answered'],
    ['call.hangup', 'ended'],
  ] as const) {
    await site.event({ type, payload: { hangup_cause: 'normal_clearing' } })
    await call.locator('.badge', { hasText: word }).waitFor()
  }
  t.match(await call.innerText(), 'normal_clearing')
  await page.locator('.total', { hasText: '0 live' }).waitFor()
  await page.reload()
  await page.getByText('No calls now').waitFor()
})

t.test('calls that are live when the page is opened are on it', async (t) => {
  const site = await startSite(t)
  await site.event({ call: 'one', type: 'call.initiated' })
  await site.event({ call: 'two', type: 'call.initiated', payload: { from: '+442079460000' } })
  await site.event({ call: 'two', type: 'call.answered', payload: { from: '+442079460000' } })
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  await row(page, '+442079460000').getByText('answered', { exact: true }).waitFor()
  t.equal(await rows(page).count(), 2)
})

t.test('a lost connection is shown, and what was missed comes after it', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  await site.event({ call: 'one', type: 'call.initiated' })
  await row(page, '+1 202 555 0133').waitFor()
  site.shut()
  await page.locator('.pill', { hasText: /reconnecting in \d+ s/ }).waitFor()
  await page.getByText(/as of \d\d:\d\d:\d\d/).waitFor()
  await site.event({ call: 'one', type: 'call.answered' })
  await site.event({ call: 'two', type: 'call.initiated', payload: { from: '+442079460000' } })
  site.open()
  await row(page, '+1 202 555 0133').getByText('answered', { exact: true }).waitFor()
  await row(page, '+442079460000').waitFor()
  await page.locator('.pill.live').waitFor()
  t.equal(await page.getByText('as of').count(), 0)
})

t.test('a hub that restarts loses nothing', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  await site.event({ call: 'one', type: 'call.initiated' })
  await row(page, '+1 202 555 0133').waitFor()
  const address = page.waitForEvent('websocket')
  await site.restart()
  await site.event({ call: 'one', type: 'call.answered' })
  t.match((await address).url(), /cursor=[0-9a-f]+%3A1$/)
  await row(page, '+1 202 555 0133').getByText('answered', { exact: true }).waitFor()
  await page.locator('.pill.live').waitFor()
})

t.test('everything goes by keyboard', async (t) => {
  const site = await startSite(t)
  const at = (minute: number): string => new Date(Date.now() - minute * 60_000).toISOString()
  await site.event({ call: 'older', at: at(2), payload: { from: '+442079460000' } })
  await site.event({ call: 'newer', at: at(1) })
  const { page } = await openPage(t, browser, { permissions: ['clipboard-write'] })
  await signIn(page, site)
  await row(page, '+442079460000').waitFor()
  // Keys may come faster than anything is painted.
  await page.evaluate(`(async () => {
    for (const key of ['j', 'j']) {
      dispatchEvent(new KeyboardEvent('keydown', { key }))
      await new Promise(queueMicrotask)
    }
  })()`)
  t.equal(await page.evaluate('document.activeElement.id'), 'call-older')
  await page.keyboard.press('k')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const panel = page.locator('.panel')
  await panel.getByText('+442079460000').waitFor()
  t.match(page.url(), '#/live/older', 'a call has an address')
  await site.event({ call: 'older', type: 'call.answered', payload: { from: '+442079460000' } })
  await panel.getByText('call-answered', { exact: true }).waitFor()
  await page.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })
  t.equal(await page.evaluate('document.activeElement.id'), 'call-older', 'back where one was')
  await page.keyboard.press('c')
  await page.getByText('Copied older').waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('202 555-0133')
  await row(page, '+442079460000').waitFor({ state: 'detached' })
  t.equal(await rows(page).count(), 1)
  await page.keyboard.press('Escape')
  await row(page, '+442079460000').waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
})

t.test('the program of Try it runs as it is', async (t) => {
  const site = await startSite(t)
  const { page, said } = await openPage(t, browser)
  await signIn(page, site)
  await site.event({ type: 'call.initiated' })
  await row(page, '+1 202 555 0133').waitFor()
  await page.getByLabel('Pages').getByText('Try it').click()
  const program = await page.getByLabel('A client in plain JavaScript').innerText()
  const heard = page.waitForEvent('console', (message) => message.text().includes('call-answered'))
  const socket = page.waitForEvent('websocket')
  await page.evaluate(program.replace('PASTE-A-TOKEN', site.token))
  await (
    await socket
  ).waitForEvent('framereceived', ({ payload }) => String(payload).includes('"head"'))
  await site.event({ type: 'call.answered' })
  await heard
  // Whether the first event is in the snapshot or follows it, depends on how old the snapshot is.
  t.match(said.at(-1), /^2 call-answered \+12025550133 → \+12025550131$/)
  t.ok(said.length <= 2)
})

t.test('a burst of events leaves the board right', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  const calls = Array.from({ length: 150 }, (_, index) => `burst-${index}`)
  await Promise.all(calls.map((call) => site.event({ call, type: 'call.initiated' })))
  await Promise.all(calls.map((call) => site.event({ call, type: 'call.answered' })))
  await Promise.all(calls.slice(50).map((call) => site.event({ call, type: 'call.hangup' })))
  await page.locator('.total', { hasText: '50 live' }).waitFor()
  await page.locator('.counter.answered', { hasText: '50' }).waitFor()
  const rendered = await rows(page).count()
  t.ok(rendered < 60, `only the rows on screen exist: ${rendered}`)
  await scrollTo(page, page.locator('.row[aria-rowindex="101"]'))
  await page.locator('.pill.live').waitFor()
})
