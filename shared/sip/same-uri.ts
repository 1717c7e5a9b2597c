import { isMalformed } from './malformed.ts'
import { isSip, parseUri, type SipUri } from './parse-uri.ts'
import { textOf, type Span } from './octets.ts'

/** Parameters that count also where only one of the URIs has them. */
const decisive = new Set(['user', 'ttl', 'method', 'maddr'])

/** Whether two URIs, an octet a character, name the same (RFC 3261 §19.1.4); what is not SIP, if it is spelt the same. */
export function isSameUri(one: string, two: string): boolean {
  if (one === two) return true
  const [left, right] = [partsOf(one), partsOf(two)]
  if (left === null || right === null || left.plain !== right.plain) return false
  const names = new Set([...left.params.keys(), ...right.params.keys()])
  return [...names].every((name) => {
    const [a, b] = [left.params.get(name), right.params.get(name)]
    return a === undefined || b === undefined ? !decisive.has(name) : a === b
  })
}

interface Parts {
  /** What must be equal as it is: scheme, user, password, host, port, headers. */
  readonly plain: string
  readonly params: ReadonlyMap<string, string>
}

function partsOf(text: string): Parts | null {
  const octets = Buffer.from(text, 'latin1')
  const uri = parseUri(octets, { start: 0, end: octets.length })
  if (isMalformed(uri) || !isSip(uri)) return null
  const read = (span: Span | null): string => (span === null ? '' : textOf(octets, span))
  const plain = [
    uri.scheme,
    unescaped(read(uri.user)),
    uri.password === null ? null : unescaped(read(uri.password)),
    read(uri.host).toLowerCase(),
    uri.port,
    uri.headers === null ? null : headersOf(read(uri.headers)),
  ]
  return { plain: JSON.stringify(plain), params: paramsOf(uri, read) }
}

function paramsOf(uri: SipUri, read: (span: Span | null) => string): Map<string, string> {
  return new Map(
    uri.params.map(({ name, value }) => [
      unescaped(read(name)).toLowerCase(),
      unescaped(read(value)).toLowerCase(),
    ]),
  )
}

/** Their order does not matter. */
function headersOf(text: string): string[] {
  return text
    .split('&')
    .map((header) => unescaped(header).toLowerCase())
    .toSorted()
}

const reserved = ';/?:@&=+$,%'

/** A character and its escape are the same, but for those with a meaning of their own (RFC 3261 §19.1.4). */
export function unescaped(text: string): string {
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (escape, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return reserved.includes(character) ? escape.toUpperCase() : character
  })
}
