import type { FastifyRequest } from 'fastify'

/**
 * The origin a page's WebSocket would send, from a fetch of it. Across origins the fetch sends it too, within one it
 * does not (Fetch standard, "append a request Origin header"): then the page is where the request went to.
 * @returns undefined if no page asks
 */
export function pageOrigin(request: FastifyRequest): string | undefined {
  const { origin, referer, 'sec-fetch-site': site } = request.headers
  if (origin !== undefined) return origin
  const page = referer === undefined ? null : URL.parse(referer)
  // Without TLS browsers send no Sec-Fetch headers, but most pages a Referer.
  const isSame = site === undefined ? page?.host === request.host : site === 'same-origin'
  if (!isSame) return undefined
  return page?.origin ?? `${schemeOf(request)}://${request.host}`
}

/** Sec-Fetch headers go over TLS or to the loopback only, whatever the proxies in between make of it. */
function schemeOf({ hostname, protocol }: FastifyRequest): string {
  const isLoopback = /^(?:localhost|.*\.localhost|127\.[0-9.]+|\[::1\])$/.test(hostname)
  return isLoopback ? protocol : 'https'
}
