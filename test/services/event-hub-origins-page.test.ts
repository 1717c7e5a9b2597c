import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import t from 'tap'
import { build, temporaryDir } from '../kit/build.ts'
import { until } from '../kit/until.ts'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  timeout: 60_000,
})
t.teardown(() => browser.close())

/** What the page of an operator does: opens a socket, and asks the check with the same token. */
const script = `async ({ hub, token }) => {
  const socket = new WebSocket(hub.replace('http', 'ws') + '/ws', ['switchhook.v1', 'bearer.' + token])
  const ended = await new Promise((resolve) => {
    socket.onmessage = () => resolve('connected')
    socket.onclose = ({ code, reason }) => resolve(code + ' ' + reason)
  })
  const headers = { authorization: 'Bearer ' + token }
  const check = await (await fetch(hub + '/api/ws/check', { headers })).json()
  return { ended, check }
}`

interface Told {
  readonly ended: string
  readonly check: { code: string; fix: string | null; origin: string | null }
}

const ask = (page: Page, hub: string, token: string): Promise<Told> =>
  page.evaluate(`(${script})(${JSON.stringify({ hub, token })})`)

/** A page of another origin than the hub's. */
async function frontend(t: Test): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<title>CRM</title>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close())
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

async function openPage(t: Test, url: string): Promise<Page> {
  const page = await browser.newPage()
  t.teardown(() => page.close())
  await page.goto(url)
  return page
}

t.test('a page on a new domain reads why, is let in, and reads that too', async (t) => {
  const path = join(temporaryDir(t), 'origins')
  writeFileSync(path, '')
  const { url, app, token } = await build(t, { environment: { ORIGINS_FILE: path } })
  const origin = await frontend(t)
  const page = await openPage(t, origin)
  t.match(await ask(page, url, token), {
    ended: `1008 origin_not_allowed ${origin}`,
    check: { code: 'origin_not_allowed', origin },
  })
  const { fix } = (await ask(page, url, token)).check
  const added = /add (http:\S+) to ALLOWED_ORIGINS or ORIGINS_FILE/.exec(fix!)![1]!
  writeFileSync(path, added)
  await until(() => app.origins.judge(origin).passes)
  t.match(await ask(page, url, token), { ended: 'connected', check: { code: 'ok', origin } })
  t.match(await ask(page, url, 'nonsense'), {
    ended: '1008 auth_invalid',
    check: { code: 'auth_invalid' },
  })
})

t.test('a page of the hub itself is told the origin that its socket sends', async (t) => {
  const { url, token } = await build(t, { environment: { PUBLIC_URL: 'https://hub.example' } })
  const page = await openPage(t, `${url}/livez`)
  t.match(await ask(page, url, token), {
    ended: `1008 origin_not_allowed ${url}`,
    check: { code: 'origin_not_allowed', origin: url },
  })
})
