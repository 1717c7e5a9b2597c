import { CodedError } from '@switchhook/shared/errors'
import { offeredProtocols } from '@switchhook/shared/protocol'
import type { IncomingHttpHeaders } from 'node:http'

/** RFC 7118 §4; PBXs take it in any case, and so do we. @throws CodedError `sip_subprotocol_missing` */
export function assertSipOffered(headers: IncomingHttpHeaders): void {
  const offered = offeredProtocols(headers['sec-websocket-protocol'])
  if (offered.some((name) => name.toLowerCase() === 'sip')) return
  throw new CodedError('sip_subprotocol_missing')
}
