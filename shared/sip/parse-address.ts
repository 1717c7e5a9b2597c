import {
  colon,
  comma,
  find,
  greater,
  isBlank,
  less,
  question,
  quote,
  semicolon,
  skipBlanks,
  skipClass,
  skipQuoted,
  trimmed,
  uris,
  words,
  type Span,
} from './octets.ts'
import { isMalformed, malformed, type Parsed } from './malformed.ts'
import { parseParams, type Param } from './lists.ts'

/** `"display" <uri>;params` or `uri;params`, as From, To, Contact and Route have it (RFC 3261 §20.10). */
export interface Address {
  /** Without quotes; null: none. */
  readonly display: Span | null
  /** Without angle brackets. */
  readonly uri: Span
  /** Those of the header; those of the URI are inside it. */
  readonly params: readonly Param[]
}

/** Reads the address that fills a span. */
export function parseAddress(octets: Buffer, span: Span): Parsed<Address> {
  const whole = trimmed(octets, span)
  if (whole.start === whole.end) return malformed(whole.start, 'an address that is empty')
  const name = parseDisplay(octets, whole)
  if (isMalformed(name)) return name
  return name === null ? parseSpec(octets, whole) : parseNamed(octets, whole, name)
}

/** What stands before the angle bracket; null: there is none. */
interface Name {
  readonly display: Span | null
  /** Where the angle bracket is. */
  readonly open: number
}

function parseDisplay(octets: Buffer, { start, end }: Span): Parsed<Name> | null {
  if (octets[start] === quote) {
    const close = skipQuoted(octets, { start, end })
    if (close < 0) return malformed(start, 'a quote is not closed')
    const open = skipBlanks(octets, { start: close, end })
    if (open === end || octets[open] !== less) return malformed(open, 'a name without an address')
    return { display: { start: start + 1, end: close - 1 }, open }
  }
  const open = skipWords(octets, { start, end })
  if (open >= end || octets[open] !== less) return null
  const display = trimmed(octets, { start, end: open })
  return { display: display.start === display.end ? null : display, open }
}

function skipWords(octets: Buffer, { start, end }: Span): number {
  let place = start
  while (place < end && (words[octets[place]!] === 1 || isBlank(octets[place]))) place += 1
  return place
}

function parseNamed(octets: Buffer, { end }: Span, { display, open }: Name): Parsed<Address> {
  const close = find(octets, { start: open, end }, greater)
  if (close < 0) return malformed(open, 'an angle bracket is not closed')
  const uri = { start: open + 1, end: close }
  const wrong = wrongIn(octets, uri)
  if (wrong) return wrong
  const params = parseParams(octets, { start: close + 1, end })
  return isMalformed(params) ? params : { display, uri, params }
}

/** Without angle brackets what follows a semicolon is the header's, and a comma or a question mark is a mistake. */
function parseSpec(octets: Buffer, { start, end }: Span): Parsed<Address> {
  let stop = start
  while (stop < end && !isBlank(octets[stop]) && octets[stop] !== semicolon) {
    if (octets[stop] === comma || octets[stop] === question) {
      return malformed(stop, 'a URI that needs angle brackets')
    }
    stop += 1
  }
  const uri = { start, end: stop }
  const wrong = wrongIn(octets, uri)
  if (wrong) return wrong
  const params = parseParams(octets, { start: stop, end })
  return isMalformed(params) ? params : { display: null, uri, params }
}

function wrongIn(octets: Buffer, uri: Span) {
  const bad = skipClass(octets, uri, uris)
  if (bad < uri.end) return malformed(bad, 'a character that no URI has')
  return find(octets, uri, colon) > uri.start
    ? null
    : malformed(uri.start, 'an address without a URI')
}
