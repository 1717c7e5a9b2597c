import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { root } from '../kit/process.ts'
import type { Test } from 'tap'

const room = join(root, 'clients/browser')
const vite = join(root, 'clients/console/node_modules/.bin/vite')

/** The file that pages load; built if its sources are newer. */
export function builtSdk(): Buffer {
  const file = join(room, 'dist/sdk.js')
  const built = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const sources = globSync('{.,*}/*.ts', { cwd: room })
  if (sources.some((source) => statSync(join(room, source)).mtimeMs > built)) {
    execFileSync(vite, ['build', room, '--logLevel', 'warn'])
  }
  return readFileSync(file)
}

/** The example of docs/browser.md in this language, with the hub of a test in place of the one it names. */
export function example(language: string, about: string, hub: string): string {
  const text = readFileSync(join(root, 'docs/browser.md'), 'utf8')
  const fenced = [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))]
  const found = fenced.find(([, code]) => code!.includes(about))
  if (!found) throw new Error(`the page has no ${language} about ${about}`)
  return found[1]!.replaceAll('https://hub.example.com', hub)
}

/** Serves a page and the token of who looks at it, from an origin of its own. @returns `http://127.0.0.1:port` */
export async function servePage(t: Test, html: () => string, token: () => string): Promise<string> {
  const server = createServer(({ url }, response) => {
    const asksToken = url === '/my-token'
    response.setHeader('content-type', asksToken ? 'text/plain' : 'text/html; charset=utf-8')
    response.end(asksToken ? token() : html())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}
