import t from 'tap'
import { openPage, startBrowser, startSite } from '../clients/console-page.ts'

t.test('an EventSource of a browser comes back by itself and misses nothing', async (t) => {
  const browser = await startBrowser(t)
  const site = await startSite(t, { SSE_ROTATION_SECONDS: '2' })
  const { page } = await openPage(t, browser)
  // A page without a policy of its own.
  await page.goto(`${site.url}livez`)
  const ticket = await page.evaluate<string>(
    `fetch('/api/ws/ticket', {
      method: 'POST',
      headers: { authorization: 'Bearer ${site.token}', 'content-type': 'application/json' },
      body: '{"for":"sse"}',
    }).then((answer) => answer.json()).then(({ ticket }) => ticket)`,
  )
  await page.evaluate(`
    window.seen = []
    window.resumed = 0
    window.source = new EventSource('/events?ticket=${ticket}')
    for (const name of ['call-initiated', 'call-answered']) {
      source.addEventListener(name, ({ data, lastEventId }) => {
        seen.push(JSON.parse(data).seq + ' ' + name + ' ' + lastEventId.split(':')[1])
      })
    }
    source.addEventListener('resumed', () => (window.resumed += 1))
    new Promise((resolve) => source.addEventListener('head', resolve, { once: true }))
  `)
  await site.event({ call: 'a' })
  await page.waitForFunction('seen.length === 1')
  await page.waitForFunction('resumed >= 1')
  site.shut()
  await page.waitForFunction('source.readyState === 0')
  site.open()
  await site.event({ call: 'a', type: 'call.answered' })
  await page.waitForFunction('seen.length === 2')
  await page.waitForFunction('resumed >= 3')
  t.strictSame(await page.evaluate('seen'), ['1 call-initiated 1', '2 call-answered 2'])
})
