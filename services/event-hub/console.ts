import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'

interface Asset {
  readonly body: Buffer
  readonly type: string
  readonly cache: string
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
    "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

/** `GET /`: the console, a client of the public protocol. The built files are read once: no path can leave them. */
export async function consolePage(app: FastifyInstance): Promise<void> {
  const assets = await loadAssets(join(import.meta.dirname, '../../clients/console/dist'))
  if (assets.size === 0) app.log.warn({ fix: 'npx -y pnpm@12 build' }, 'console is not built')
  for (const [path, { body, type, cache }] of assets) {
    app.get(path, (_request, reply) =>
      reply
        .headers({ ...headers, 'cache-control': cache })
        .type(type)
        .send(body),
    )
  }
}

async function loadAssets(dist: string): Promise<Map<string, Asset>> {
  const assets = new Map<string, Asset>()
  const files = await readdir(dist, { recursive: true }).catch(() => [])
  for (const file of files) {
    const type = types[extname(file)]
    if (!type) continue
    const isPage = file === 'index.html'
    const path = isPage ? '/' : `/${file.replaceAll('\\', '/')}`
    // Names of assets carry a hash of their content.
    const cache = isPage ? 'no-cache' : 'public, max-age=31536000, immutable'
    assets.set(path, { body: await readFile(join(dist, file)), type, cache })
  }
  return assets
}
