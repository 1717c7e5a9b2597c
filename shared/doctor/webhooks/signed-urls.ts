import { isIP } from 'node:net'
import type { Provider } from '../../providers/index.ts'

/** What is known about how an endpoint is called. */
export interface Place {
  /** The URL that is called. */
  readonly url: string
  /** `/webhooks/<provider>`, with the app if one is named. */
  readonly path: string
  /** The exact URL the provider calls, as it is configured here. */
  readonly configuredUrl: string | undefined
  /** What clients and providers call us, as it is configured here. */
  readonly publicUrl: string | undefined
  /** Where the service listens if nobody told it what it is called. */
  readonly localUrl: string
}

/** The variable with the URL that a provider signs; null if it signs none. */
export function urlVariable({ Settings }: Provider): string | null {
  const schema = Settings.properties['publicUrl']
  const env: unknown = schema && 'env' in schema ? schema.env : null
  return typeof env === 'string' ? env : null
}

/** The URL this environment says the provider calls; null if it says none. */
export function expectedUrl({ configuredUrl, publicUrl, path }: Place): string | null {
  if (configuredUrl !== undefined) return configuredUrl
  return publicUrl === undefined ? null : publicUrl.replace(/\/+$/, '') + path
}

/**
 * Other URLs the service may believe to be called at, the likely ones first: another scheme, without the port or with
 * it, another host, a path that a proxy changed, a slash at the end. At most 42.
 */
export function otherUrls(place: Place): string[] {
  const called = new URL(place.url)
  const bases = [place.url, place.publicUrl, place.configuredUrl, place.localUrl]
  const parsed = bases.flatMap((base) => (base === undefined ? [] : [URL.parse(base) ?? []].flat()))
  const authorities = new Set([
    ...parsed.map(({ host }) => host),
    ...parsed.map(({ hostname }) => hostname),
  ])
  const pathname = called.pathname.replace(/\/+$/, '')
  const paths = [...new Set([pathname, `${pathname}/`, place.path])]
  const urls = paths.flatMap((path) =>
    Array.from(authorities).flatMap((authority) =>
      ['https:', 'http:'].map((scheme) => `${scheme}//${authority}${path}`),
    ),
  )
  const likely = expectedUrl(place)
  const all = new Set(likely === null ? urls : [likely, ...urls])
  all.delete(place.url)
  return [...all].slice(0, 42)
}

/** Whether no provider can call it: this machine, or an address of a private network. */
export function isInternal(url: string): boolean {
  const { hostname } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) === 0) return !host.includes('.') || /\.(local|localhost|internal|lan)$/.test(host)
  return /^(127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|0\.0\.0\.0$|::1$|f[cd]|fe80)/i.test(
    host,
  )
}
