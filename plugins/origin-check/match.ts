/** Answers whether an origin may connect. */
export type OriginMatcher = (origin: string) => boolean

const literal = /^(?:null|file:\/\/|app:\/\/[a-z0-9.-]+)$/
const exact = /^https?:\/\/[a-z0-9.-]+(?::[0-9]{1,5})?$|^https?:\/\/\[[0-9a-f:]+\](?::[0-9]{1,5})?$/
const wildcard = /^(https?:\/\/)\*(\.[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]{1,5})?)$/
const label = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/

/** What is wrong with an entry of the list, in words; null if it can be used. */
export function originMistake(entry: string): string | null {
  if (entry === '*' || literal.test(entry) || wildcard.test(entry)) return null
  if (exact.test(entry)) return null
  if (URL.canParse(entry)) return `an origin is scheme, host and port only: '${entry}'`
  return `'${entry}' is not an origin`
}

/**
 * Builds a matcher of exact origins and one-label wildcards (`https://*.example.com` matches
 * `https://a.example.com`, not `https://a.b.example.com`). Browsers send origins in lower case without a
 * default port (RFC 6454 §6.2), so whole strings are compared: no prefix, suffix or parsing to trick.
 */
export function originMatcher(entries: readonly string[]): OriginMatcher {
  const known = new Set(entries.map(canonical))
  const wildcards = entries.flatMap((entry) => {
    const match = wildcard.exec(entry)
    return match ? [{ scheme: match[1]!, rest: match[2]! }] : []
  })
  if (known.has('*')) return () => true
  return (origin) =>
    known.has(origin) ||
    wildcards.some(
      ({ scheme, rest }) =>
        origin.startsWith(scheme) &&
        origin.endsWith(rest) &&
        label.test(origin.slice(scheme.length, -rest.length)),
    )
}

/** Drops the default port a person may have typed. */
function canonical(entry: string): string {
  return exact.test(entry) ? new URL(entry).origin : entry
}
