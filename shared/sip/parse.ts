import {
  colon,
  cr,
  lf,
  numberIn,
  says,
  skipClass,
  space,
  tab,
  tokens,
  trimmed,
  uris,
  type Span,
} from './octets.ts'
import { isMalformed, malformed, type Parsed } from './malformed.ts'
import { headerAt } from './header-names.ts'
import { Message, rowWidth, type StartLine } from './message.ts'

/** Beyond these a message is refused. */
export const limits = {
  messageBytes: 65_536,
  /** Header rows, however many lines each is folded into. */
  rows: 128,
  rowBytes: 8_192,
} as const

/** Where rows are gathered before it is known how many there are: one message at a time. */
const gathered = new Int32Array(limits.rows * rowWidth)

/**
 * Finds the start line, the header rows and the body of a message in one pass over its head; nothing is copied, and no
 * row is read further than its name. One message fills the octets, as in a WebSocket frame (RFC 7118 §4).
 * @param maxBytes of the whole message
 */
export function parse(octets: Buffer, maxBytes: number = limits.messageBytes): Parsed<Message> {
  if (octets.length > maxBytes) return malformed(maxBytes, 'the message is too large', 513)
  const startEnd = lineEnd(octets, 0)
  if (startEnd < 0) return malformed(0, 'the first line does not end in CRLF')
  const start = parseStartLine(octets, startEnd)
  if (isMalformed(start)) return start
  let place = startEnd + 2
  let count = 0
  while (octets[place] !== cr) {
    if (count === limits.rows) return malformed(place, 'there are too many headers')
    const end = gatherRow(octets, place, count * rowWidth)
    if (isMalformed(end)) return end
    place = end + 2
    count += 1
  }
  if (octets[place + 1] !== lf) return malformed(place, 'a CR without LF')
  const rows = gathered.slice(0, count * rowWidth)
  return new Message({ octets, start, rows, headersEnd: place })
}

/** Notes where a row has its name and its value. @returns where its last line ends */
function gatherRow(octets: Buffer, start: number, index: number): Parsed<number> {
  const { length } = octets
  if (start >= length) return malformed(length, 'the headers do not end')
  const nameEnd = skipClass(octets, { start, end: length }, tokens)
  if (nameEnd === start) return malformed(start, 'a row that begins with no name')
  let sign = nameEnd
  while (octets[sign] === space || octets[sign] === tab) sign += 1
  if (octets[sign] !== colon) return malformed(sign, 'a row without a colon')
  const end = rowEnd(octets, sign + 1)
  if (end < 0) return malformed(start, 'a row does not end in CRLF')
  if (end + 2 - start > limits.rowBytes) return malformed(start, 'a row is too long')
  const value = trimmed(octets, { start: sign + 1, end })
  const name = { start, end: nameEnd }
  gathered[index] = headerAt(octets, name)
  gathered[index + 1] = name.start
  gathered[index + 2] = name.end
  gathered[index + 3] = value.start
  gathered[index + 4] = value.end
  return end
}

/** Where the CRLF is that ends the row: one that is not followed by a blank (RFC 3261 §7.3.1). -1: nowhere */
function rowEnd(octets: Buffer, start: number): number {
  let end = lineEnd(octets, start)
  while (end >= 0 && (octets[end + 2] === space || octets[end + 2] === tab)) {
    end = lineEnd(octets, end + 2)
  }
  return end
}

/** Where the line's CRLF is; -1: there is none, or a CR or an LF stands alone, which others may take for an end. */
function lineEnd(octets: Buffer, start: number): number {
  const { length } = octets
  for (let place = start; place < length; place += 1) {
    const octet = octets[place]!
    // All but a few are neither.
    if (octet > cr) continue
    if (octet === cr) return octets[place + 1] === lf ? place : -1
    if (octet === lf) return -1
  }
  return -1
}

/** The first line, whose elements stand one space apart (RFC 3261 §7.1, §7.2). */
function parseStartLine(octets: Buffer, end: number): Parsed<StartLine> {
  return says(octets, { start: 0, end: Math.min(4, end) }, 'sip/')
    ? parseStatusLine(octets, end)
    : parseRequestLine(octets, end)
}

function parseRequestLine(octets: Buffer, end: number): Parsed<StartLine> {
  const methodEnd = skipClass(octets, { start: 0, end }, tokens)
  if (methodEnd === 0 || octets[methodEnd] !== space) return malformed(methodEnd, 'no method')
  const start = methodEnd + 1
  const uriEnd = skipClass(octets, { start, end }, uris)
  if (uriEnd === start || octets[uriEnd] !== space) {
    return malformed(uriEnd, 'a request line that is not method, URI and version')
  }
  const version = versionOf(octets, { start: uriEnd + 1, end })
  if (version === null) return malformed(uriEnd + 1, 'a request line that ends in no version')
  if (version !== '2.0') return malformed(uriEnd + 1, 'another version than 2.0', 505)
  return { method: octets.toString('latin1', 0, methodEnd), requestUri: { start, end: uriEnd } }
}

const versionLength = 'SIP/2.0'.length

function parseStatusLine(octets: Buffer, end: number): Parsed<StartLine> {
  if (versionOf(octets, { start: 0, end: versionLength }) !== '2.0') {
    return malformed(0, 'another version than 2.0')
  }
  const start = versionLength + 1
  const status = statusAt(octets, start)
  const next = octets[start + 3]
  // The space behind the status is there by the book even if nothing follows; some leave it out.
  const isWhole = next === space || start + 3 === end
  if (octets[versionLength] !== space || status === null || !isWhole) {
    return malformed(versionLength, 'no status of three digits')
  }
  return { status, phrase: { start: Math.min(start + 4, end), end } }
}

/** Three digits, from 100 to 699; null: something else. */
function statusAt(octets: Buffer, start: number): number | null {
  const status = numberIn(octets, { start, end: start + 3 }, 699)
  return status === null || status < 100 ? null : status
}

/** `2.0` of `SIP/2.0`; null if it says nothing of the kind. */
function versionOf(octets: Buffer, { start, end }: Span): string | null {
  if (says(octets, { start, end }, 'sip/2.0')) return '2.0'
  const text = octets.toString('latin1', start, Math.min(end, start + 32))
  return /^SIP\/(\d+\.\d+)$/i.exec(text)?.[1] ?? null
}
