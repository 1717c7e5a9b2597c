import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { internalSecret } from '../kit/build.ts'
import { until } from '../kit/until.ts'
import { looks, looksRight } from './console-flaws.ts'
import { room, openPage, signIn, signInOperator, startBrowser, startSite } from './console-page.ts'
import type { Page } from 'playwright-core'

const browser = await startBrowser(t)

const field = (page: Page) => page.getByRole('textbox', { name: 'Internal secret' })
const nav = (page: Page) => page.getByLabel('Pages')

t.test('all of the console is small', (t) => {
  const dist = join(room, 'dist')
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  const sizes = files
    .filter((file) => /\.(?:js|css|svg|html)$/.test(file))
    .map((file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length)
  const size = sizes.reduce((sum, one) => sum + one, 0)
  t.ok(size <= 60_000, `${size} bytes gzipped`)
  t.end()
})

t.test('every page has a link, and says what it needs when it is not there', async (t) => {
  const site = await startSite(t)
  const { page, said } = await openPage(t, browser)
  await signIn(page, site)
  for (const title of ['Calls', 'Voicemails', 'Try it', 'Live']) {
    await nav(page).getByText(title, { exact: true }).click()
    await page.getByRole('heading', { level: 1, name: title }).waitFor({ state: 'attached' })
    await until(async () => (await page.title()) === `${title} · Switchhook`)
  }
  for (const title of ['Deliveries', 'Connections', 'Access']) {
    await nav(page).getByText(title, { exact: true }).click()
    await page.getByRole('heading', { level: 1, name: title }).waitFor()
    await page.getByText('It needs the internal secret').waitFor()
  }
  t.strictSame(said, [], 'the policy of the page allows all that it does')
})

t.test('a secret is asked for in place, tried at the hub, and kept beside the token', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  await nav(page).getByText('Access').click()
  const attempt = async (secret: string): Promise<void> => {
    await field(page).fill(secret)
    await page.getByRole('button', { name: 'Continue' }).click()
  }
  await attempt('too short')
  await page.getByText('it has at least 32 characters').waitFor()
  await attempt(site.token)
  await page.getByText('This is a token.').waitFor()
  await attempt('a'.repeat(40))
  await page.getByText('The hub does not know this secret').waitFor()
  await attempt(internalSecret)
  await field(page).waitFor({ state: 'detached' })
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'Access' }).waitFor()
  t.equal(await field(page).count(), 0, 'it is remembered in this tab')
  await page.locator('.pill.live').waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.reload()
  await page.getByRole('textbox', { name: 'Token' }).waitFor()
})

t.test(
  'with the internal secret alone there is no connection, and Live asks for a token',
  async (t) => {
    const site = await startSite(t)
    const { page } = await openPage(t, browser)
    await signInOperator(page, site)
    t.equal(page.url().includes(encodeURIComponent(internalSecret)), false, 'it left the address')
    t.match(page.url(), /#\/access$/, 'where operators have something to see')
    t.equal(await page.locator('.pill').count(), 0, 'nothing is claimed to be connected')
    await nav(page).getByText('Live', { exact: true }).click()
    await page.getByText('It needs a token').waitFor()
    await page.getByRole('textbox', { name: 'Token' }).fill(site.token)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.locator('.pill.live').waitFor()
    await page.getByText('No calls now').waitFor()
  },
)

t.test('a hub that is away is a problem with a fix, and trying again helps', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await signIn(page, site)
  site.shut()
  await nav(page).getByText('Calls').click()
  const problem = page.getByRole('alert', { name: 'Problem' })
  await problem.getByText('unreachable').waitFor()
  t.match(await problem.innerText(), 'See that it runs')
  site.open()
  await problem.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('No calls yet').waitFor()
})

t.test(
  'a refusal is shown with its code, its parameter and the request to ask about',
  async (t) => {
    const site = await startSite(t)
    const { page } = await openPage(t, browser)
    await signIn(page, site)
    await page.goto(`${site.url}#/calls?provider=nobody`)
    const problem = page.getByRole('alert', { name: 'Problem' })
    await problem.waitFor()
    t.match(await problem.innerText(), /invalid_parameter/)
    t.match(await problem.innerText(), /It is about provider/)
    t.match(await problem.innerText(), /Request \S+/)
  },
)

t.test('a part of the hub that does not work is named beside the connection', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  await page.route('**/health', (route) =>
    route.fulfill({
      status: 503,
      json: { status: 'degraded', checks: { store: { status: 'ok' }, bus: { status: 'failed' } } },
    }),
  )
  await signIn(page, site)
  await page.getByText('degraded: bus').waitFor()
})

t.test('a provider that has fallen silent is named until it is heard of again', async (t) => {
  const site = await startSite(t)
  const { page } = await openPage(t, browser)
  const hub = Promise.withResolvers<(text: string) => void>()
  await page.routeWebSocket('**/ws/call*', (near) => {
    const far = near.connectToServer()
    far.onMessage((text) => near.send(text))
    hub.resolve((text) => near.send(text))
  })
  await signIn(page, site)
  const tell = await hub.promise
  const text = 'telnyx has told nothing for 12 minutes.'
  tell(JSON.stringify({ event: 'notice', data: { code: 'provider-silent', text } }))
  await page.getByText('telnyx is silent').waitFor()
  await site.event({ call: 'again' })
  await page.getByText('telnyx is silent').waitFor({ state: 'detached' })
})

for (const { name, options } of looks) {
  t.test(`${name}: questions and problems are readable for everybody`, async (t) => {
    const site = await startSite(t)
    const { page } = await openPage(t, browser, options)
    await signIn(page, site)
    await page.goto(`${site.url}#/access`)
    await field(page).waitFor()
    await looksRight(t, page, `ask-${name}`)
    await page.goto(`${site.url}#/calls?provider=nobody`)
    await page.getByRole('alert', { name: 'Problem' }).waitFor()
    await looksRight(t, page, `problem-${name}`)
  })
}
