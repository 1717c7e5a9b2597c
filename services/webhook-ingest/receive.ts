import { CodedError } from '@switchhook/shared/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Delivery, Method } from '@switchhook/shared/providers'

/** A request before it is known under which URL the provider called it. */
export interface Received extends Omit<Delivery, 'url'> {
  readonly path: string
  /** As it came, with its question mark; empty if there is none. */
  readonly query: string
}

const empty = Buffer.alloc(0)

/**
 * Keeps every body of this scope as the bytes that came, whatever its content type says: signatures cover bytes,
 * and Fastify's own parsers refuse JWT bodies and forms and round 64-bit ids.
 */
export function keepRawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}

/** @throws CodedError `encoding_not_supported`: what is signed is what was sent, so nothing is inflated */
export function receive({ method, url, headers, body }: FastifyRequest): Received {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw new CodedError('encoding_not_supported', { args: [encoding] })
  }
  const cut = url.indexOf('?')
  return {
    method: method as Method,
    path: cut < 0 ? url : url.slice(0, cut),
    query: cut < 0 ? '' : url.slice(cut),
    headers,
    body: Buffer.isBuffer(body) ? body : empty,
  }
}
