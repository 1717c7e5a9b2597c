import { createHash } from 'node:crypto'
import { closeCodes, closeReason, type CloseName } from '@switchhook/shared/protocol'
import { closeFrame } from './relay/frames.ts'
import type { Duplex } from 'node:stream'
import type { CodedError } from '@switchhook/shared/errors'

/** What a client is answered that offered `sip` and is taken in (RFC 6455 §4.2.2): no extension, whatever it offers. */
export function switchingProtocols(key: string): Buffer {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept.digest('base64')}`,
    'Sec-WebSocket-Protocol: sip',
  ]
  return Buffer.from([...lines, '', ''].join('\r\n'))
}

/** How a page is told why it is not connected: a close code, and a reason that begins with the code of the error. */
export function goodbye(
  error: CodedError,
  origin: string | undefined,
): { code: number; reason: string } {
  const { code, message, retryAfter } = error
  const name = closeNameOf(error)
  const facts: Readonly<Record<string, string>> = {
    restart: `restart ${(retryAfter ?? 1) * 1_000}`,
    overload: `${code} ${(retryAfter ?? 1) * 1_000}`,
    internal: `${code} ${message}`,
    policy: code === 'origin_not_allowed' ? `${code} ${origin}` : code,
  }
  return { code: closeCodes[name].code, reason: closeReason(facts[name]!) }
}

function closeNameOf({ code, statusCode }: CodedError): CloseName {
  if (code === 'shutting_down') return 'restart'
  if (statusCode === 429 || statusCode === 503) return 'overload'
  return statusCode >= 500 ? 'internal' : 'policy'
}

/** Whoever does not close its side by then is cut off, milliseconds. */
const patienceMs = 3_000

/** Writes the last that is to be said, and lets go; what still comes is read, for a reset would overtake it. */
export function farewell(socket: Duplex, octets: Buffer): void {
  const timer = setTimeout(() => socket.destroy(), patienceMs)
  timer.unref()
  socket.on('error', () => {})
  socket.once('close', () => clearTimeout(timer))
  socket.end(octets)
  socket.resume()
}

/** Takes a client in and closes: page code cannot read a refused handshake. */
export function explain(
  { socket, key }: { readonly socket: Duplex; readonly key: string },
  { code, reason }: { readonly code: number; readonly reason: string },
): void {
  farewell(socket, Buffer.concat([switchingProtocols(key), closeFrame(code, reason, false)]))
}
