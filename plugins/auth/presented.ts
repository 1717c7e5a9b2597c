import { bearerPrefix, offeredProtocols } from '@switchhook/shared/protocol'
import type { FastifyRequest } from 'fastify'

/** A credential as it came; untrusted text. */
export interface Presented {
  /** What the place allows; a `bearer` is a token or a key, by how it looks. */
  readonly kind: 'bearer' | 'key' | 'ticket'
  readonly text: string
  /** It stood where proxies may log it, and is worth more than one connection. */
  readonly inQuery: boolean
}

type Place = readonly [
  kind: Presented['kind'],
  find: (request: FastifyRequest) => string | undefined,
  inQuery?: true,
]

/** The places a credential may stand in; the first one that has one counts, whatever the others have. */
const places: readonly Place[] = [
  ['bearer', fromAuthorization],
  ['bearer', fromSubprotocol],
  ['ticket', ({ query }) => fromQuery(query, 'ticket')],
  ['key', ({ headers }) => text(headers['x-app-api-key'])],
  ['bearer', ({ query }) => fromQuery(query, 'token'), true],
  ['key', ({ query }) => fromQuery(query, 'api_key'), true],
]

/** The credential of a request, or null. */
export function presented(request: FastifyRequest): Presented | null {
  for (const [kind, find, inQuery = false] of places) {
    const found = find(request)
    if (found !== undefined) return { kind, text: found, inQuery }
  }
  return null
}

function fromAuthorization({ headers }: FastifyRequest): string | undefined {
  return /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
}

/** Browsers cannot set headers on a WebSocket; the subprotocol list is the one place they can fill. */
function fromSubprotocol({ headers }: FastifyRequest): string | undefined {
  const offered = offeredProtocols(headers['sec-websocket-protocol'])
  return offered.find((name) => name.startsWith(bearerPrefix))?.slice(bearerPrefix.length)
}

function fromQuery(query: unknown, name: string): string | undefined {
  return text((query as Record<string, unknown>)[name])
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
