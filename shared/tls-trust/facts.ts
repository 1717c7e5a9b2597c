import { checkServerIdentity } from 'node:tls'
import type { X509Certificate } from 'node:crypto'

/** What a peer wrote is shown no longer than that. */
const longest = 100
const mostNames = 5
const mostUrls = 3

/** The common name of whom a certificate is for or from, or the whole name if it has none. */
export function commonName(certificate: X509Certificate, of: 'subject' | 'issuer'): string {
  const parts = certificate[of].split('\n')
  const name = parts.find((part) => part.startsWith('CN='))?.slice(3) ?? parts.join(', ')
  return name.slice(0, longest)
}

/** Where a certificate says that the one of its issuer is to be had: http alone (RFC 5280 §4.2.2.1). */
export function issuerUrls({ infoAccess = '' }: X509Certificate): URL[] {
  return [...infoAccess.matchAll(/^CA Issuers - URI:(.+)$/gm)]
    .flatMap(([, text]) => URL.parse(unquoted(text!)) ?? [])
    .filter((url) => url.protocol === 'http:' && url.username === '' && url.password === '')
    .slice(0, mostUrls)
}

/** Node.js quotes what could be mistaken for several. */
function unquoted(text: string): string {
  try {
    return text.startsWith('"') ? (JSON.parse(text) as string) : text
  } catch {
    return ''
  }
}

/**
 * Whether a certificate is for a host name or an IP address. The common name counts if it has no alternative names at all, as
 * those of many a PBX: Node.js and OpenSSL agree on that, browsers do not.
 */
export function isFor(certificate: X509Certificate, name: string): boolean {
  return checkServerIdentity(name, certificate.toLegacyObject()) === undefined
}

/** The host names and addresses a certificate is for, for people to read. */
export function namesOf(certificate: X509Certificate): string {
  const names = (certificate.subjectAltName ?? `CN:${commonName(certificate, 'subject')}`)
    .split(', ')
    .filter((name) => /^(DNS|IP Address|CN):/.test(name))
    .map((name) => name.slice(name.indexOf(':') + 1, longest))
  if (names.length === 0) return 'nobody'
  const more = names.length - mostNames
  return names.slice(0, mostNames).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** `2026-11-21T18:00:00Z` */
export function secondOf(date: Date): string {
  if (Number.isNaN(date.getTime())) return 'a day that is none'
  return date.toISOString().replace(/\.\d+Z$/, 'Z')
}
