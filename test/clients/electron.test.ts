import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { connect, type ConnectionState } from '@switchhook/browser'
import { build, temporaryDir } from '../kit/build.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { builtSdk, example } from './browser-page.ts'
import { openPage, startBrowser } from './console-page.ts'
import { deadlineMs } from './scripted-hub.ts'

builtSdk()

/** How a renderer of Electron introduces itself. */
const userAgent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Electron/38.1.0'

/** The WebSocket of a window that was loaded from such an origin. */
const windowOf = (origin: string) =>
  class extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, { headers: { origin, 'user-agent': userAgent } })
    }
  }

/** Resolves when the connection of such a window stands somewhere for good. */
async function open(t: Test, { url, token }: { url: string; token: string }, origin: string) {
  const end = Promise.withResolvers<ConnectionState>()
  const hub = connect({
    url,
    token,
    WebSocket: windowOf(origin),
    onState: (state) => ['live', 'refused'].includes(state.name) && end.resolve(state),
  })
  t.teardown(() => hub.close())
  const late = AbortSignal.timeout(deadlineMs)
  late.addEventListener('abort', () => end.reject(new Error(`no end: ${hub.state.name}`)))
  return end.promise
}

t.test('a window may connect when its origin is named literally', async (t) => {
  const suite = await build(t, { environment: { ALLOWED_ORIGINS: 'null file:// app://crm' } })
  for (const origin of ['null', 'file://', 'app://crm']) {
    t.strictSame(await open(t, suite, origin), { name: 'live' }, origin)
  }
})

t.test('a window that is refused knows its origin, and what would let it in', async (t) => {
  const suite = await build(t, { environment: { ALLOWED_ORIGINS: 'app://crm' } })
  for (const origin of ['null', 'file://', 'app://other', 'https://crm']) {
    const state = await open(t, suite, origin)
    t.match(state, { name: 'refused', code: 'origin_not_allowed', detail: origin })
    t.match(state, { fix: new RegExp(`${origin} to ALLOWED_ORIGINS`) })
  }
})

t.test('the page of the docs works from a file', async (t) => {
  const browser = await startBrowser(t)
  // Electron says `file://`, Chromium by itself `null`.
  for (const [allowed, sees] of [
    ['file:// null', 'live'],
    ['app://crm', /refused add (?:null|file:\/\/) to ALLOWED_ORIGINS/i],
  ] as const) {
    const { url, token } = await build(t, { environment: { ALLOWED_ORIGINS: allowed } })
    await post(url, telnyxEvent({ call: 'one', type: 'call.initiated' }))
    const file = join(temporaryDir(t), 'index.html')
    const html = example('html', 'hub.on', url)
    writeFileSync(file, html.replace("(await fetch('/my-token')).text()", `'${token}'`))
    const { page } = await openPage(t, browser)
    await page.goto(pathToFileURL(file).href)
    await page.getByText(sees).waitFor()
    if (sees === 'live') await page.getByText('+12025550133 → +12025550131 initiated').waitFor()
  }
})
