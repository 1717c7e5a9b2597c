import t from 'tap'
import { build } from '../kit/build.ts'
import { openPage, startBrowser } from '../clients/console-page.ts'

t.test('the page shows the API, all of it from here, under a strict policy', async (t) => {
  const browser = await startBrowser(t)
  const { url } = await build(t)
  const { page, said } = await openPage(t, browser, { colorScheme: 'dark' })
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  const answer = await page.goto(`${url}/docs`)
  const policy = (await answer!.allHeaders())['content-security-policy']
  t.match(policy, "default-src 'none'; script-src 'self'; style-src 'self';")
  await page.locator('.opblock').first().waitFor()
  t.ok((await page.locator('.opblock').count()) > 20)
  t.strictSame(said, [], 'the browser has nothing to complain about')
  t.ok(
    asked.every((address) => address.startsWith(url) || address.startsWith('data:')),
    asked.join(' '),
  )
  t.ok(await page.evaluate("document.documentElement.classList.contains('dark-mode')"))
})

t.test('an operation is opened by keyboard', async (t) => {
  const browser = await startBrowser(t)
  const { url } = await build(t)
  const { page } = await openPage(t, browser)
  await page.goto(`${url}/docs`)
  const operation = page.locator('#operations-presence-listPresence')
  await operation.locator('.opblock-summary-control').focus()
  await page.keyboard.press('Enter')
  await operation.locator('.responses-table').first().waitFor()
  t.match(await operation.innerText(), 'All agents that are known')
})

t.test('the page fits a phone, opened operations too', async (t) => {
  const browser = await startBrowser(t)
  const { url } = await build(t)
  const viewport = { width: 360, height: 800 }
  const { page } = await openPage(t, browser, { viewport, isMobile: true, hasTouch: true })
  await page.goto(`${url}/docs`)
  for (const id of ['events-listEvents', 'deliveries-listDeliveries']) {
    const operation = page.locator(`#operations-${id}`)
    await operation.locator('.opblock-summary-control').tap()
    await operation.locator('.responses-table').first().waitFor()
  }
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360)
})
