import { CodedError } from '@switchhook/shared/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Delivery } from '@switchhook/shared/providers'

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
export function receive({ headers, body }: FastifyRequest): Delivery {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw new CodedError('encoding_not_supported', { args: [encoding] })
  }
  return { headers, body: Buffer.isBuffer(body) ? body : empty }
}
