import { lowered, type Span } from './octets.ts'

/** Headers that are known by a number, so that nobody compares names: their full names in lower case. */
const names = [
  'via',
  'from',
  'to',
  'call-id',
  'cseq',
  'contact',
  'max-forwards',
  'expires',
  'min-expires',
  'user-agent',
  'server',
  'content-length',
  'content-type',
  'content-encoding',
  'route',
  'record-route',
  'path',
  'service-route',
  'require',
  'proxy-require',
  'supported',
  'unsupported',
  'allow',
  'allow-events',
  'event',
  'subject',
  'refer-to',
  'referred-by',
  'replaces',
  'reason',
  'warning',
  'retry-after',
  'session-expires',
  'authorization',
  'proxy-authorization',
  'www-authenticate',
  'proxy-authenticate',
  'accept-contact',
  'reject-contact',
  'request-disposition',
  'identity',
  'identity-info',
  'flow-timer',
] as const

export type HeaderName = (typeof names)[number]

/** RFC 3261 §7.3.3 and those registered since. */
const compact: Readonly<Record<string, HeaderName>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
}

/** The name of any header in full and in lower case: `call-id` for `I`. */
export function fullName(name: string): string {
  const lower = name.toLowerCase()
  // Longer ones are never short for another, and might be what every object has.
  return lower.length === 1 ? (compact[lower] ?? lower) : lower
}

/** Any other header. */
export const unknown = 0

/** The number of a known header. */
export const idOf = Object.fromEntries(names.map((name, index) => [name, index + 1])) as Readonly<
  Record<HeaderName, number>
>

interface Candidate {
  readonly id: number
  readonly text: string
}

/** By length and first letter: two names share a place at most here and there. */
const places: Candidate[][] = []
const spellings: [string, HeaderName][] = names.map((name) => [name, name])
for (const [text, name] of [...spellings, ...Object.entries(compact)]) {
  const place = placeOf(text.length, text.charCodeAt(0))
  ;(places[place] ??= []).push({ id: idOf[name], text })
}

function placeOf(length: number, first: number): number {
  return (length << 5) | (first & 0x1f)
}

/** Which header a name means, be it short or in whatever case; `unknown` if none of those above. */
export function headerAt(octets: Buffer, { start, end }: Span): number {
  const candidates = places[placeOf(end - start, octets[start]!)]
  if (candidates === undefined) return unknown
  for (const { id, text } of candidates) if (isSpelt(octets, start, text)) return id
  return unknown
}

function isSpelt(octets: Buffer, start: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (lowered(octets[start + index]!) !== text.charCodeAt(index)) return false
  }
  return true
}
