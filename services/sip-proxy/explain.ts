import { acceptOf } from '@switchhook/shared/upgrade'
import { closeFrame } from '@switchhook/shared/frames'
import type { Duplex } from 'node:stream'

/** What a client is answered that offered `sip` and is taken in (RFC 6455 §4.2.2): no extension, whatever it offers. */
export function switchingProtocols(key: string): Buffer {
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${acceptOf(key)}`,
    'Sec-WebSocket-Protocol: sip',
  ]
  return Buffer.from([...lines, '', ''].join('\r\n'))
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
