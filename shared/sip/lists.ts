import {
  comma,
  equals,
  find,
  greater,
  isBlank,
  less,
  quote,
  says,
  semicolon,
  skipBlanks,
  skipClass,
  skipQuoted,
  textOf,
  tokens,
  trimmed,
  type Span,
} from './octets.ts'
import { isMalformed, malformed, type Parsed } from './malformed.ts'

/** A parameter behind a semicolon. */
export interface Param {
  readonly name: Span
  /** With its quotes, if it has any; null: the name is all there is. */
  readonly value: Span | null
}

/** The elements between the commas that are in no quotes and no angle brackets; none of them may be empty. */
export function splitList(octets: Buffer, { start, end }: Span): Parsed<Span[]> {
  const elements: Span[] = []
  let first = start
  for (let place = start; place <= end; place += 1) {
    const octet = place < end ? octets[place]! : comma
    if (octet === comma) {
      const element = trimmed(octets, { start: first, end: place })
      if (element.start === element.end) return malformed(place, 'an element of a list is empty')
      elements.push(element)
      first = place + 1
    } else if (octet === quote || octet === less) {
      const next = skipEnclosed(octets, { start: place, end })
      if (next < 0) return malformed(place, 'a quote or an angle bracket is not closed')
      place = next - 1
    }
  }
  return elements
}

/** Behind the quoted string or the angle brackets that begin here; -1 if they do not end. */
function skipEnclosed(octets: Buffer, { start, end }: Span): number {
  if (octets[start] === quote) return skipQuoted(octets, { start, end })
  const close = find(octets, { start, end }, greater)
  return close < 0 ? -1 : close + 1
}

/** Parameters from the first semicolon to the end of the span: `;tag = a;lr` (RFC 3261 §25.1, `generic-param`). */
export function parseParams(octets: Buffer, span: Span): Parsed<Param[]> {
  const { end } = span
  const params: Param[] = []
  let place = skipBlanks(octets, span)
  while (place < end) {
    if (octets[place] !== semicolon) return malformed(place, 'no semicolon before a parameter')
    const param = parseParam(octets, { start: skipBlanks(octets, { start: place + 1, end }), end })
    if (isMalformed(param)) return param
    params.push(param)
    place = skipBlanks(octets, { start: (param.value ?? param.name).end, end })
  }
  return params
}

function parseParam(octets: Buffer, { start, end }: Span): Parsed<Param> {
  const nameEnd = skipClass(octets, { start, end }, tokens)
  if (nameEnd === start) return malformed(start, 'a parameter without a name')
  const name = { start, end: nameEnd }
  const sign = skipBlanks(octets, { start: nameEnd, end })
  if (sign === end || octets[sign] !== equals) return { name, value: null }
  const from = skipBlanks(octets, { start: sign + 1, end })
  const to =
    octets[from] === quote
      ? skipQuoted(octets, { start: from, end })
      : skipValue(octets, { start: from, end })
  if (to <= from) return malformed(from, 'a parameter without its value')
  return { name, value: { start: from, end: to } }
}

/** Tokens, hosts, IPv6 addresses with and without brackets: whatever ends at a blank, a semicolon or a comma. */
function skipValue(octets: Buffer, { start, end }: Span): number {
  let place = start
  while (place < end && !isBlank(octets[place]) && !isSeparator(octets[place]!)) place += 1
  return place
}

function isSeparator(octet: number): boolean {
  return octet === semicolon || octet === comma || octet === quote
}

/** The first parameter of a name, given in lower case: its value without quotes, '' if it has none; null: there is none. */
export function paramOf(octets: Buffer, params: readonly Param[], name: string): string | null {
  const param = params.find((one) => says(octets, one.name, name))
  if (!param) return null
  if (param.value === null) return ''
  const text = textOf(octets, param.value)
  return text.startsWith('"') ? text.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : text
}
