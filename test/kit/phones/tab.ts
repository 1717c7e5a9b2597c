import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { root } from '../process.ts'
import type { Lifetime } from '../postgres.ts'
import type { LibraryName, PhonePage } from './page.ts'
import type { Phone, PhoneOptions } from './phone.ts'

const program = '/usr/bin/chromium'

/** A microphone that beeps, given to whoever asks; calls to the same machine. */
const flags = [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection',
  '--disable-background-networking',
  '--no-sandbox',
]

/** A browser without a window that has a microphone. */
export async function startTelephonyBrowser(lifetime: Lifetime): Promise<Browser> {
  if (!existsSync(program)) throw new Error('Chromium is missing: apt-get install chromium')
  const browser = await chromium.launch({ executablePath: program, args: flags })
  lifetime.teardown(() => browser.close())
  return browser
}

interface Bundler {
  build(options: object): Promise<{ output: readonly { code: string }[] }>
}

/** @returns `page.ts` with both libraries in one module */
async function bundlePage(): Promise<string> {
  const { resolve } = createRequire(join(root, 'clients/console/package.json'))
  const { build } = (await import(resolve('vite'))) as Bundler
  const input = join(import.meta.dirname, 'page.ts')
  const { output } = await build({
    configFile: false,
    logLevel: 'warn',
    build: { write: false, minify: false, rolldownOptions: { input } },
  })
  return output[0]!.code
}

/** Serves a page that is a telephone. @returns its origin */
export async function servePhonePage(lifetime: Lifetime): Promise<string> {
  const code = await bundlePage()
  const server = createServer(({ url }, response) => {
    const isCode = url === '/page.js'
    response.setHeader('content-type', isCode ? 'text/javascript' : 'text/html; charset=utf-8')
    response.end(isCode ? code : '<!doctype html><script type="module" src="page.js"></script>')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  lifetime.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

/** A telephone in a tab, told what to do from outside. */
export class TabPhone implements Phone {
  readonly user: string
  readonly page: Page
  readonly diary = { next: (beginning: string) => this.#next(beginning) }
  /** Settled when all it was told is done. */
  #told: Promise<unknown>

  private constructor(page: Page, library: LibraryName, options: PhoneOptions) {
    this.user = options.user
    this.page = page
    this.#told = page.evaluate(
      ([name, given]) => (globalThis as unknown as PhonePage).install(name, given),
      [library, options] as const,
    )
  }

  /** @param origin of a page that is one */
  static async open(
    browser: Browser,
    origin: string,
    { library, ...options }: PhoneOptions & { library: LibraryName },
  ): Promise<TabPhone> {
    const page = await browser.newPage()
    await page.goto(origin)
    return new TabPhone(page, library, options)
  }

  readonly start = () => this.#tell('start')
  readonly register = () => this.#tell('register')
  readonly unregister = () => this.#tell('unregister')
  readonly call = (user: string) => this.#tell('call', user)
  readonly answer = () => this.#tell('answer')
  readonly reject = () => this.#tell('reject')
  readonly hangUp = () => this.#tell('hangUp')
  readonly hold = () => this.#tell('hold')
  readonly resume = () => this.#tell('resume')
  readonly sendInfo = (tone: string) => this.#tell('sendInfo', tone)
  readonly sendTones = (tones: string) => this.#tell('sendTones', tones)
  readonly stop = () => this.#tell('stop')

  #tell(what: Exclude<keyof Phone, 'user' | 'diary'>, argument = ''): void {
    const tell = () =>
      this.page.evaluate(
        ([name, given]) => (globalThis as unknown as PhonePage).phone[name](given),
        [what, argument] as const,
      )
    this.#told = this.#told.then(tell)
    // Whoever waits for what comes of it is told.
    this.#told.catch(() => {})
  }

  async #next(beginning: string): Promise<string> {
    await this.#told
    return this.page.evaluate(
      (entry) => (globalThis as unknown as PhonePage).phone.diary.next(entry),
      beginning,
    )
  }
}
