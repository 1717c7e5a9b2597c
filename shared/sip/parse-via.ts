import {
  colon,
  isBlank,
  numberIn,
  says,
  skipBlanks,
  skipClass,
  slash,
  tokens,
  type Span,
} from './octets.ts'
import { isMalformed, malformed, type Parsed } from './malformed.ts'
import { parseParams, type Param } from './lists.ts'
import { skipHost } from './parse-uri.ts'

/** `SIP/2.0/WSS host:port;branch=…` (RFC 3261 §20.42). */
export interface Via {
  /** `WSS`, as it is written. */
  readonly transport: Span
  /** IPv6 addresses with their brackets. */
  readonly host: Span
  readonly port: number | null
  readonly params: readonly Param[]
}

/** Reads one Via, which fills the span. */
export function parseVia(octets: Buffer, { start, end }: Span): Parsed<Via> {
  const protocol = word(octets, { start, end })
  const version = protocol && wordBehind(octets, { start: protocol.end, end })
  const transport = version && wordBehind(octets, { start: version.end, end })
  if (!transport || !says(octets, protocol, 'sip') || !says(octets, version, '2.0')) {
    return malformed(start, 'a Via without SIP/2.0 and a transport')
  }
  if (!isBlank(octets[transport.end])) return malformed(transport.end, 'a Via without a host')
  return parseSentBy(
    octets,
    { start: skipBlanks(octets, { start: transport.end, end }), end },
    transport,
  )
}

function parseSentBy(octets: Buffer, { start, end }: Span, transport: Span): Parsed<Via> {
  const hostEnd = skipHost(octets, { start, end })
  if (hostEnd <= start) return malformed(start, 'a Via without a host')
  const host = { start, end: hostEnd }
  let behind = skipBlanks(octets, { start: hostEnd, end })
  let port: number | null = null
  if (behind < end && octets[behind] === colon) {
    const digits = word(octets, { start: behind + 1, end })
    port = digits && numberIn(octets, digits, 65_535)
    if (digits === null || port === null) return malformed(behind, 'a port that is none')
    behind = digits.end
  }
  const params = parseParams(octets, { start: behind, end })
  return isMalformed(params) ? params : { transport, host, port, params }
}

/** The token that comes next, blanks aside; null if there is none. */
function word(octets: Buffer, { start, end }: Span): Span | null {
  const first = skipBlanks(octets, { start, end })
  const behind = skipClass(octets, { start: first, end }, tokens)
  return behind > first ? { start: first, end: behind } : null
}

/** The token behind the slash that comes next. */
function wordBehind(octets: Buffer, { start, end }: Span): Span | null {
  const place = skipBlanks(octets, { start, end })
  return place < end && octets[place] === slash ? word(octets, { start: place + 1, end }) : null
}
