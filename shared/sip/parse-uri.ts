import {
  addresses,
  at as atSign,
  colon,
  equals,
  find,
  hosts,
  numberIn,
  percent,
  question,
  says,
  semicolon,
  skipClass,
  textOf,
  uris,
  type Span,
} from './octets.ts'
import { isMalformed, malformed, type Parsed } from './malformed.ts'
import type { Param } from './lists.ts'

/** `sip:user:password@host:port;params?headers` (RFC 3261 §19.1.1). */
export interface SipUri {
  readonly scheme: 'sip' | 'sips'
  readonly user: Span | null
  readonly password: Span | null
  /** IPv6 addresses with their brackets. */
  readonly host: Span
  readonly port: number | null
  /** Host and port together, as they are written. */
  readonly hostPort: Span
  readonly params: readonly Param[]
  /** Without the question mark. */
  readonly headers: Span | null
}

/** A URI of any other scheme: nothing else of it is read. */
export interface OtherUri {
  /** In lower case. */
  readonly scheme: string
}

export type Uri = SipUri | OtherUri

const maxPort = 65_535

/** Whether it names a SIP user or host. */
export function isSip(uri: Uri): uri is SipUri {
  return 'host' in uri
}

/** Reads the URI that fills a span. */
export function parseUri(octets: Buffer, { start, end }: Span): Parsed<Uri> {
  const bad = skipClass(octets, { start, end }, uris)
  if (bad < end) return malformed(bad, 'a character that no URI has')
  const schemeEnd = find(octets, { start, end }, colon)
  if (schemeEnd < 0) return malformed(start, 'a URI without a scheme')
  const scheme = schemeIn(octets, { start, end: schemeEnd })
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme)) return malformed(start, 'a URI without a scheme')
  const rest = { start: schemeEnd + 1, end }
  if (rest.start === end) return malformed(end, 'a URI that is nothing but its scheme')
  return scheme === 'sip' || scheme === 'sips' ? parseSip(octets, rest, scheme) : { scheme }
}

/** Most are one of two, of which no text need be made. */
function schemeIn(octets: Buffer, span: Span): string {
  if (says(octets, span, 'sip')) return 'sip'
  return says(octets, span, 'sips') ? 'sips' : textOf(octets, span).toLowerCase()
}

function parseSip(octets: Buffer, span: Span, scheme: 'sip' | 'sips'): Parsed<SipUri> {
  const { end } = span
  const sign = find(octets, span, atSign)
  const user = sign < 0 ? noUser : parseUser(octets, { start: span.start, end: sign })
  if (isMalformed(user)) return user
  const place = parseHost(octets, { start: sign < 0 ? span.start : sign + 1, end })
  if (isMalformed(place)) return place
  const mark = find(octets, { start: place.hostPort.end, end }, question)
  const paramsEnd = mark < 0 ? end : mark
  const params = parseUriParams(octets, { start: place.hostPort.end, end: paramsEnd })
  if (isMalformed(params)) return params
  const headers = mark < 0 ? null : { start: mark + 1, end }
  return { scheme, ...user, ...place, params, headers }
}

type User = Pick<SipUri, 'user' | 'password'>

const noUser: User = { user: null, password: null }

function parseUser(octets: Buffer, { start, end }: Span): Parsed<User> {
  if (start === end) return malformed(start, 'a URI with an empty user')
  const escapes = find(octets, { start, end }, percent) >= 0
  if (escapes && /%(?![0-9A-Fa-f]{2})/.test(textOf(octets, { start, end }))) {
    return malformed(start, 'a percent sign that escapes nothing')
  }
  const sign = find(octets, { start, end }, colon)
  if (sign === start) return malformed(start, 'a URI with an empty user')
  if (sign < 0) return { user: { start, end }, password: null }
  return { user: { start, end: sign }, password: { start: sign + 1, end } }
}

function parseHost(
  octets: Buffer,
  { start, end }: Span,
): Parsed<Pick<SipUri, 'host' | 'port' | 'hostPort'>> {
  const hostEnd = skipHost(octets, { start, end })
  if (hostEnd <= start) return malformed(start, 'a URI without a host')
  const host = { start, end: hostEnd }
  if (octets[hostEnd] !== colon || hostEnd === end) return { host, port: null, hostPort: host }
  let portEnd = hostEnd + 1
  while (portEnd < end && octets[portEnd] !== semicolon && octets[portEnd] !== question)
    portEnd += 1
  const port = numberIn(octets, { start: hostEnd + 1, end: portEnd }, maxPort)
  if (port === null) return malformed(hostEnd + 1, 'a port that is none')
  return { host, port, hostPort: { start, end: portEnd } }
}

const opening = 0x5b
const closing = 0x5d

/** Behind the host that begins here; `start` or less if there is none. */
export function skipHost(octets: Buffer, { start, end }: Span): number {
  if (octets[start] !== opening || start === end) return skipClass(octets, { start, end }, hosts)
  const close = skipClass(octets, { start: start + 1, end }, addresses)
  return close < end && octets[close] === closing ? close + 1 : -1
}

function parseUriParams(octets: Buffer, { start, end }: Span): Parsed<Param[]> {
  const params: Param[] = []
  let place = start
  while (place < end) {
    if (octets[place] !== semicolon) return malformed(place, 'what follows the host of a URI')
    const next = find(octets, { start: place + 1, end }, semicolon)
    const param = { start: place + 1, end: next < 0 ? end : next }
    const sign = find(octets, param, equals)
    const name = { start: param.start, end: sign < 0 ? param.end : sign }
    if (name.start === name.end) return malformed(place, 'a parameter without a name')
    params.push({ name, value: sign < 0 ? null : { start: sign + 1, end: param.end } })
    place = param.end
  }
  return params
}
