import { CodedError } from '@switchhook/shared/errors'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Delivery, Method } from '@switchhook/shared/providers'

/** A request before it is known under which URL the provider called it. */
export interface Received extends Omit<Delivery, 'url'> {
  readonly path: string
  /** As it came, with its question mark; empty if there is none. */
  readonly query: string
}

const empty = Buffer.alloc(0)
/** Bodies that are still on their way may take so many bytes together, whoever sends them. */
const maxUnderWay = 134_217_728
const retryAfter = 5

/**
 * Keeps every body of this scope as the bytes that came, whatever its content type says: signatures cover bytes,
 * and Fastify's own parsers refuse JWT bodies and forms and round 64-bit ids. Reads no more of one than `limit`.
 */
export function keepRawBodies(app: FastifyInstance, limit: number): void {
  let underWay = 0
  const reserve = (bytes: number): boolean => {
    if (underWay + bytes > maxUnderWay) return false
    underWay += bytes
    return true
  }
  app.removeAllContentTypeParsers()
  // Of any type. Fastify remembers what fits a pattern; what only `*` fits it takes apart anew each time.
  app.addContentTypeParser(/^/, async ({ raw, headers }: FastifyRequest) => {
    if (Number(headers['content-length'] ?? 0) > limit) throw new CodedError('body_too_large')
    let reserved = 0
    try {
      return await bytesOf(raw, (chunk) => {
        if (reserved + chunk > limit) return new CodedError('body_too_large')
        if (!reserve(chunk)) return new CodedError('overload', { args: [retryAfter], retryAfter })
        reserved += chunk
        return null
      })
    } finally {
      underWay -= reserved
    }
  })
}

/**
 * Reads a body; `refuse` is told the size of each chunk and may end it. By listeners: to leave an iteration of the
 * stream would close the connection before the answer.
 */
function bytesOf(
  stream: IncomingMessage,
  refuse: (chunk: number) => CodedError | null,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  const listeners = {
    data(chunk: Buffer): void {
      const refusal = refuse(chunk.length)
      if (refusal) return stop(refusal)
      chunks.push(chunk)
    },
    end: (): void => finish(Buffer.concat(chunks)),
    error: (cause: Error): void => stop(new CodedError('bad_request', { args: [cause.message] })),
    close: (): void => stop(new CodedError('bad_request', { args: ['the body was cut off'] })),
  }
  const detach = (): void => {
    for (const [event, listener] of Object.entries(listeners)) stream.off(event, listener)
  }
  const finish = (body: Buffer): void => {
    detach()
    resolve(body)
  }
  const stop = (error: CodedError): void => {
    detach()
    // What is left of it nobody reads; the answer ends the connection.
    stream.pause()
    stream.on('error', () => {})
    reject(error)
  }
  for (const [event, listener] of Object.entries(listeners)) stream.on(event, listener)
  return promise
}

/** @throws CodedError `encoding_not_supported`: what is signed is what was sent, so nothing is inflated */
export function refuseEncoding({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw new CodedError('encoding_not_supported', { args: [encoding] })
  }
}

export function receive({ method, url, headers, body }: FastifyRequest): Received {
  const cut = url.indexOf('?')
  return {
    method: method as Method,
    path: cut < 0 ? url : url.slice(0, cut),
    query: cut < 0 ? '' : url.slice(cut),
    headers,
    body: Buffer.isBuffer(body) ? body : empty,
  }
}
