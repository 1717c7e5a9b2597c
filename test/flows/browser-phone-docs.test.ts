import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { builtSdk } from '../clients/browser-page.ts'
import {
  bundle,
  servePhone,
  servePhonePage,
  startTelephonyBrowser,
} from '../kit/phones/chromium.ts'
import { TabPhone } from '../kit/phones/tab.ts'
import { root } from '../kit/process.ts'
import { passwordOf } from '../kit/sip/accounts.ts'
import { Kamailio, withoutKamailio } from '../kit/sip/kamailio.ts'
import { startLine } from '../kit/sip/line.ts'
import { startRelay } from '../kit/sip/relay.ts'

const text = readFileSync(join(root, 'docs/sip/browser-phones.md'), 'utf8')
const blocks = [...text.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, code]) => code!)
const { resolve } = createRequire(import.meta.url)
/** Where the page's bundler would find them. */
const libraries = { jssip: '/jssip.js', 'sip.js': '/sip-js.js' }

t.test('the page has a block for each library', (t) => {
  t.equal(blocks.length, 2)
  for (const [index, name] of Object.keys(libraries).entries()) t.match(blocks[index], `'${name}'`)
  t.end()
})

const browser = await startTelephonyBrowser(t)
builtSdk()
const modules = {
  '/jssip.js': await bundle(resolve('jssip')),
  '/sip-js.js': await bundle(resolve('sip.js')),
}
const callers = await servePhone(t)

for (const [index, library] of Object.keys(libraries).entries()) {
  const says = `the ${library} phone of the page says why it is not connected, registers, and answers`
  t.test(says, { skip: withoutKamailio }, async (t) => {
    const kamailio = await Kamailio.start(t)
    let suiteUrl = ''
    const door = await startLine(t, () => suiteUrl)
    const publicUrl = door.url.slice(0, -1)
    const origin = await servePhonePage(t, () => pageOf(blocks[index]!, publicUrl), modules)
    const environment = { PUBLIC_URL: publicUrl, ALLOWED_ORIGINS: `${origin} ${callers}` }
    const relay = await startRelay(t, { targets: [kamailio.ws], environment })
    suiteUrl = relay.url

    const page = await browser.newPage()
    t.teardown(() => page.close())
    page.on('pageerror', (error) => t.fail(`the page threw ${error.message}`))
    const said = (what: string) =>
      page.waitForEvent('console', (message) => message.text().includes(what))
    const told = said('ok: false')
    await kamailio.kill()
    await page.goto(origin)
    const [reason] = (await told).args()
    t.match(await reason!.jsonValue(), { ok: false, code: 'upstream_unreachable', fix: /PBX/ })
    const registered = said('registered')
    await kamailio.restart()
    await registered
    await callOnce(relay.socketUrl)
  })
}

/** The code in a page of its own, with the server and the password of a test. */
function pageOf(code: string, server: string): string {
  const module = code
    .replaceAll('https://calls.example.com', server)
    .replace("'office'", "'pbx'")
    .replace("'secret'", `'${passwordOf('1001')}'`)
  const map = JSON.stringify({ imports: libraries })
  return `<!doctype html><script type="importmap">${map}</script><script type="module">${module}</script>`
}

async function callOnce(url: string): Promise<void> {
  const caller = await TabPhone.open(browser, callers, { library: 'JsSIP', user: '1002', url })
  caller.start()
  await caller.diary.next('connected')
  caller.call('1001')
  await caller.diary.next('answered')
  caller.hangUp()
  await caller.diary.next('ended')
  await caller.page.close()
}
