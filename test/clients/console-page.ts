import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, statSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import {
  chromium,
  type Browser,
  type BrowserContextOptions,
  type Locator,
  type Page,
} from 'playwright-core'
import { build, internalSecret, temporaryDir, type Suite } from '../kit/build.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { until } from '../kit/until.ts'
import type { Test } from 'tap'

export const room = join(import.meta.dirname, '../../clients/console')

/** Where Debian and others put Chromium. */
const chromiumPath = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(existsSync)

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** One Chromium for all tests of a file; the console it will show is built if its sources are newer. */
export async function startBrowser(t: Test): Promise<Browser> {
  if (!chromiumPath) throw new Error('Chromium is missing: apt-get install chromium')
  const built = statSync(join(room, 'dist/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const sources = globSync('{.,*}/*.{ts,tsx,css,html}', { cwd: room })
  if (sources.some((file) => statSync(join(room, file)).mtimeMs > built)) {
    execFileSync(join(room, 'node_modules/.bin/vite'), ['build', '--logLevel', 'warn'], {
      cwd: room,
    })
  }
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: quiet,
    timeout: 60_000,
  })
  t.teardown(() => browser.close())
  return browser
}

/** A suite whose public address is a door that can be shut, as networks do. */
export interface Site {
  readonly token: string
  /** What people type: `http://127.0.0.1:port/`. */
  readonly url: string
  /** Cuts every connection, and lets nobody in until `open`. */
  shut(): void
  open(): void
  /** Stops the suite, and starts another one on the same store. */
  restart(): Promise<void>
  /** A provider's event, accepted. */
  event(event: Parameters<typeof telnyxEvent>[0]): Promise<void>
}

/** Starts the suite behind its door. */
export async function startSite(t: Test, environment: Record<string, string> = {}): Promise<Site> {
  const sockets = new Set<Socket>()
  let isOpen = true
  let target = 0
  const door = createServer((near) => {
    if (isOpen) couple(near, connect(target, '127.0.0.1'), sockets)
    else near.destroy()
  })
  door.listen(0, '127.0.0.1')
  await once(door, 'listening')
  t.teardown(() => void door.close())
  const { port } = door.address() as { port: number }
  const url = `http://127.0.0.1:${port}/`
  const dataDir = temporaryDir(t)
  const start = async (): Promise<Suite> => {
    const started = await build(t, {
      dataDir,
      environment: { PUBLIC_URL: url.slice(0, -1), ...environment },
    })
    target = Number(new URL(started.url).port)
    return started
  }
  let suite = await start()
  const shut = (): void => {
    isOpen = false
    for (const socket of sockets) socket.destroy()
  }
  t.teardown(shut)
  return {
    token: suite.token,
    url,
    shut,
    async restart() {
      await suite.app.close()
      suite = await start()
    },
    open: () => (isOpen = true),
    async event(event) {
      const { status } = await post(suite.url, telnyxEvent(event))
      if (status !== 200) throw new Error(`the webhook was answered ${status}`)
    },
  }
}

/** Pipes both ways; what happens to one side happens to the other. */
function couple(near: Socket, far: Socket, sockets: Set<Socket>): void {
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    sockets.add(one)
    one.on('error', () => other.destroy())
    one.on('close', () => {
      sockets.delete(one)
      other.destroy()
    })
    one.pipe(other)
  }
}

/** A page that fails its test when it reports an error; it keeps what it printed. */
export async function openPage(
  t: Test,
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; said: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
  t.teardown(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const said: string[] = []
  page.on('console', (message) => said.push(message.text()))
  page.on('pageerror', (error) => t.fail(`the page threw ${error.message}`))
  return { page, said }
}

/** Opens the console with a token, as its link does, and waits until it is live. */
export async function signIn(page: Page, { url, token }: Site): Promise<void> {
  await page.goto(`${url}#token=${token}`)
  await page.locator('.pill.live').waitFor()
}

/** Opens the console with the internal secret, as an operator does. */
export async function signInOperator(page: Page, { url }: Site): Promise<void> {
  await page.goto(`${url}#token=${encodeURIComponent(internalSecret)}`)
  await page.getByLabel('Pages').waitFor()
}

/** Turns the wheel until it is there: how far one can scroll grows with what is loaded and painted. */
export async function scrollTo(page: Page, target: Locator): Promise<void> {
  await until(async () => {
    await page.mouse.wheel(0, 4_000)
    return target.isVisible()
  })
}
