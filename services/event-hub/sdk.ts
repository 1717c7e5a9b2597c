import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'

const built = join(import.meta.dirname, '../../clients/browser/dist')

/**
 * `GET /sdk.js`, the browser client, and `GET /sip.js`, the settings of browser phones: one module each, for pages of
 * any origin; who may connect is decided there.
 */
export async function sdk(app: FastifyInstance): Promise<void> {
  await Promise.all(['sdk.js', 'sip.js'].map((name) => serve(app, name)))
}

async function serve(app: FastifyInstance, name: string): Promise<void> {
  const plain = await readFile(join(built, name)).catch(() => null)
  if (!plain) return app.log.warn({ name, fix: 'npx -y pnpm@12 build' }, 'sdk is not built')
  const packed = gzipSync(plain, { level: 9 })
  // Weak: the packed and the plain body are the same file in other bytes (RFC 9110 §8.8.1).
  const etag = `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 16)}"`
  const headers = {
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
    // Its name carries no version: a page asks whether its copy is still the one that fits the hub.
    'cache-control': 'no-cache',
    vary: 'accept-encoding',
    etag,
  }
  app.get(`/${name}`, (request, reply) => {
    const { 'accept-encoding': accepted = '', 'if-none-match': known = '' } = request.headers
    void reply.headers(headers).type('text/javascript; charset=utf-8')
    if (known === '*' || known.includes(etag.slice(2))) return reply.code(304).send()
    if (!acceptsGzip(accepted)) return reply.send(plain)
    return reply.header('content-encoding', 'gzip').send(packed)
  })
}

/** `gzip;q=0` is a refusal (RFC 9110 §12.5.3). */
function acceptsGzip(accepted: string): boolean {
  return accepted
    .split(',')
    .some((coding) => /^ *gzip *(?:; *q=(?!0(?:\.0*)? *$).*)?$/i.test(coding))
}
