import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { root } from '../process.ts'
import type { Lifetime } from '../postgres.ts'

const program = '/usr/bin/chromium'

/** A microphone that beeps, given to whoever asks; calls to the same machine; sound without a click. */
const flags = [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-networking',
  '--no-sandbox',
]

/** A browser without a window that has a microphone. */
export async function startTelephonyBrowser(lifetime: Lifetime): Promise<Browser> {
  if (!existsSync(program)) throw new Error('Chromium is missing: apt-get install chromium')
  const browser = await chromium.launch({ executablePath: program, args: flags, timeout: 60_000 })
  lifetime.teardown(() => browser.close())
  return browser
}

interface Bundler {
  build(options: object): Promise<{ output: readonly { code: string }[] }>
}

/** @param input a file, with all that it imports. @returns one module */
export async function bundle(input: string): Promise<string> {
  const { resolve } = createRequire(join(root, 'clients/console/package.json'))
  const { build } = (await import(resolve('vite'))) as Bundler
  const rolldownOptions = { input, preserveEntrySignatures: 'strict' }
  const { output } = await build({
    configFile: false,
    logLevel: 'warn',
    build: { write: false, minify: false, modulePreload: false, rolldownOptions },
  })
  return output[0]!.code
}

/** Serves a page with its modules, by their paths. @returns its origin */
export async function servePhonePage(
  lifetime: Lifetime,
  html: () => string,
  modules: Readonly<Record<string, string>>,
): Promise<string> {
  const server = createServer(({ url = '' }, response) => {
    const code = modules[url]
    response.setHeader('content-type', code ? 'text/javascript' : 'text/html; charset=utf-8')
    response.end(code ?? html())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  lifetime.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

/** A page that is a telephone as soon as a test makes it one. @returns its origin */
export async function servePhone(lifetime: Lifetime): Promise<string> {
  const code = await bundle(join(import.meta.dirname, 'page.ts'))
  const html = '<!doctype html><script type="module" src="page.js"></script>'
  return servePhonePage(lifetime, () => html, { '/page.js': code })
}
