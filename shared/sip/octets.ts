/** Octets of a message from `start` to before `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

export const tab = 0x09
export const lf = 0x0a
export const cr = 0x0d
export const space = 0x20
export const quote = 0x22
export const percent = 0x25
export const star = 0x2a
export const comma = 0x2c
export const slash = 0x2f
export const colon = 0x3a
export const semicolon = 0x3b
export const less = 0x3c
export const equals = 0x3d
export const greater = 0x3e
export const question = 0x3f
export const at = 0x40
export const backslash = 0x5c

function classOf(belongs: (octet: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, octet) => (belongs(octet) ? 1 : 0))
}

const alphanumeric = /[A-Za-z0-9]/
const among = (characters: string) => (octet: number) => {
  const character = String.fromCharCode(octet)
  return octet < 0x80 && (alphanumeric.test(character) || characters.includes(character))
}

/** RFC 3261 §25.1, `token`. */
export const tokens = classOf(among("-.!%*_+`'~"))
/** Of host names and IPv4 addresses; an underscore is none by the book, but is there. */
export const hosts = classOf(among('-._'))
/** What may stand in an IPv6 reference between its brackets. */
export const addresses = classOf((octet) => /[0-9A-Fa-f:.]/.test(String.fromCharCode(octet)))
/** What a URI may be made of, so that nothing in it ends it or the line: no space, control character, `<`, `>`, `"`. */
export const uris = classOf(
  (octet) => octet > 0x20 && octet !== 0x7f && !/[<>"]/.test(String.fromCharCode(octet)),
)
/** What a word of a display name is made of: tokens, and UTF-8 as it is sent in spite of the book. */
export const words = classOf((octet) => tokens[octet] === 1 || octet >= 0x80)

/** Space, tab, and the line ends of folds: a row has no others. */
export function isBlank(octet: number | undefined): boolean {
  return octet === space || octet === tab || octet === cr || octet === lf
}

/** The first octet from `start` that is not blank, or `end`. */
export function skipBlanks(octets: Buffer, { start, end }: Span): number {
  let place = start
  while (place < end && isBlank(octets[place])) place += 1
  return place
}

/** The span without blanks around it. */
export function trimmed(octets: Buffer, { start, end }: Span): Span {
  const first = skipBlanks(octets, { start, end })
  let last = end
  while (last > first && isBlank(octets[last - 1])) last -= 1
  return { start: first, end: last }
}

/** The first octet from `start` that is not of a class, or `end`. */
export function skipClass(octets: Buffer, { start, end }: Span, members: Uint8Array): number {
  let place = start
  while (place < end && members[octets[place]!] === 1) place += 1
  return place
}

/** The first such octet, or -1. */
export function find(octets: Buffer, { start, end }: Span, octet: number): number {
  for (let place = start; place < end; place += 1) if (octets[place] === octet) return place
  return -1
}

/** Behind the quoted string that begins here (RFC 3261 §25.1, `quoted-string`); -1 if it does not end. */
export function skipQuoted(octets: Buffer, { start, end }: Span): number {
  for (let place = start + 1; place < end; place += 1) {
    if (octets[place] === backslash) place += 1
    else if (octets[place] === quote) return place + 1
  }
  return -1
}

/** Whether the span says this, given in lower case, in letters of whatever case. */
export function says(octets: Buffer, { start, end }: Span, lower: string): boolean {
  if (end - start !== lower.length) return false
  for (let place = start; place < end; place += 1) {
    if (lowered(octets[place]!) !== lower.charCodeAt(place - start)) return false
  }
  return true
}

/** An octet, a letter in lower case. */
export function lowered(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet
}

/** A number of decimal digits; null if it is none, or more than `max`. */
export function numberIn(octets: Buffer, { start, end }: Span, max: number): number | null {
  if (start >= end) return null
  let value = 0
  for (let place = start; place < end; place += 1) {
    const digit = octets[place]! - 0x30
    if (digit < 0 || digit > 9) return null
    value = Math.min(value * 10 + digit, Number.MAX_SAFE_INTEGER)
  }
  return value > max ? null : value
}

/** A span as text, an octet a character, folds as a space: it has no line ends. */
export function textOf(octets: Buffer, { start, end }: Span): string {
  return unfolded(octets.toString('latin1', start, end))
}

/** A span as people read it: UTF-8, folds as a space. */
export function shownOf(octets: Buffer, { start, end }: Span): string {
  return unfolded(octets.toString('utf8', start, end))
}

function unfolded(text: string): string {
  return text.includes('\n') ? text.replaceAll(/\r\n[ \t]+/g, ' ') : text
}
