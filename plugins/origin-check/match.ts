import type { Allowed } from './read.ts'

/** The list as it is asked: every question is answered by whole strings in maps, however long it is. */
export interface Matcher {
  /** The most specific entry: the origin itself, before its wildcard, before `*`; also if its day is over. */
  find(origin: string): Allowed | undefined
  /** Entries of the same host, with and without `www.`; a few of them. */
  sameHost(url: URL): readonly Allowed[]
  /** The wildcard that covers the domain, but at another depth. */
  otherDepth(url: URL): Allowed | undefined
}

const firstLabel = /^(https?:\/\/)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?=\.)/
/** Of one host; more would tell nobody anything. */
const maxSameHost = 10

/**
 * Builds a matcher of exact origins and one-label wildcards (`https://*.example.com` matches
 * `https://a.example.com`, not `https://a.b.example.com`). Browsers send origins in lower case without a
 * default port (RFC 6454 §6.2), so whole strings are compared: no prefix, suffix or parsing to trick.
 */
export function matcherOf(allowed: readonly Allowed[]): Matcher {
  const known = new Map(allowed.map((entry) => [entry.origin, entry]))
  const hosts = byHost(allowed)
  const find = (origin: string): Allowed | undefined => {
    // No page is at a wildcard: who sends one has read the list.
    if (origin.includes('*')) return known.get('*')
    return known.get(origin) ?? known.get(origin.replace(firstLabel, '$1*')) ?? known.get('*')
  }
  return {
    find,
    sameHost: (url) => hosts.get(bareHost(url)) ?? [],
    otherDepth(url) {
      const labels = url.hostname.split('.')
      return labels
        .map((_, index) => labels.slice(index).join('.'))
        .map((domain) => known.get(`${url.protocol}//*.${domain}${url.port && `:${url.port}`}`))
        .find((entry) => entry !== undefined)
    },
  }
}

function byHost(allowed: readonly Allowed[]): ReadonlyMap<string, readonly Allowed[]> {
  const hosts = new Map<string, Allowed[]>()
  for (const entry of allowed) {
    const url = entry.origin.startsWith('http') ? URL.parse(entry.origin) : null
    if (!url || entry.origin.includes('*')) continue
    const entries = hosts.get(bareHost(url)) ?? []
    if (entries.length < maxSameHost) hosts.set(bareHost(url), [...entries, entry])
  }
  return hosts
}

/** Without what people confuse. */
function bareHost({ hostname }: URL): string {
  return hostname.replace(/^www\./, '').replace(/\.$/, '')
}
