import { isMalformed, malformed, type Malformed, type Parsed } from './malformed.ts'
import { isSip, parseUri } from './parse-uri.ts'
import { parseAddress } from './parse-address.ts'
import type { Message } from './message.ts'

/**
 * What an element refuses that has to route a message and not only to pass it on (RFC 3261 §16.3 and the headers it
 * reads); null: nothing. What can be read in spite of it is read all the same by the accessors.
 */
export function faultOf(message: Message): Malformed | null {
  for (const check of checks) {
    const found = check(message)
    if (isMalformed(found)) return found
  }
  return null
}

type Check = (message: Message) => Parsed<unknown>

const checks: readonly Check[] = [
  requestUriOf,
  (message) => message.callId,
  cseqOf,
  (message) => message.from,
  (message) => message.to,
  viasOf,
  (message) => message.maxForwards,
  lengthOf,
  (message) => message.contacts,
  (message) => message.list('route', parseAddress),
  (message) => message.list('record-route', parseAddress),
  (message) => message.list('path', parseAddress),
]

function requestUriOf({ octets, requestUri }: Message): Parsed<unknown> {
  if (requestUri === null) return null
  const uri = parseUri(octets, requestUri)
  if (isMalformed(uri) || !isSip(uri) || uri.headers === null) return uri
  // RFC 3261 §19.1.1: whoever honoured them would let a link write headers.
  return malformed(uri.headers.start, 'headers in the request URI')
}

function cseqOf({ cseq, method, headersEnd }: Message): Parsed<unknown> {
  const isOfAnother = !isMalformed(cseq) && method !== null && cseq.method !== method
  return isOfAnother ? malformed(headersEnd, 'the CSeq is of another method') : cseq
}

function viasOf({ vias, headersEnd }: Message): Parsed<unknown> {
  const none = !isMalformed(vias) && vias.length === 0
  return none ? malformed(headersEnd, 'no via header') : vias
}

function lengthOf({ contentLength, octets, headersEnd }: Message): Parsed<unknown> {
  const present = octets.length - headersEnd - 2
  const isMissing = typeof contentLength === 'number' && contentLength > present
  return isMissing ? malformed(octets.length, 'less body than Content-Length says') : contentLength
}
