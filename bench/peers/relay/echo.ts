import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { announce } from '../control.ts'

// What stands for the PBX: it says every message back, with so little work that a relay is never kept waiting.

const endOfHead = '\r\n\r\n'
const close = 8

const server = createServer({ noDelay: true }, (socket) => {
  let rest: Buffer = Buffer.alloc(0)
  let talking = false
  socket.on('error', () => {})
  socket.on('data', (bytes: Buffer) => {
    const all = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes
    if (talking) rest = echo(socket, all)
    else {
      const end = all.indexOf(endOfHead)
      talking = end >= 0
      rest = talking ? echo(socket, all.subarray(end + endOfHead.length)) : all
      if (talking) socket.write(answerTo(all.toString('latin1', 0, end)))
    }
  })
})
await once(server.listen(0, '127.0.0.1'), 'listening')
await announce({ port: (server.address() as AddressInfo).port })

/** RFC 6455 §4.2.2. */
function answerTo(request: string): string {
  const key = /^sec-websocket-key: (.+)$/im.exec(request)?.[1] ?? ''
  const digest = createHash('sha1').update(`${key.trim()}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Protocol: sip',
    `Sec-WebSocket-Accept: ${digest.digest('base64')}`,
    '\r\n',
  ].join('\r\n')
}

/** Says every whole frame back, unmasked, all that one read brought in one write. @returns what is not whole */
function echo(socket: Socket, bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafe(bytes.length)
  let [at, length] = [0, 0]
  while (at + 6 <= bytes.length) {
    const short = bytes[at + 1]! & 127
    const head = short === 126 ? 8 : 6
    const size = short === 126 ? bytes.readUInt16BE(at + 2) : short
    if (at + head + size > bytes.length) break
    if ((bytes[at]! & 15) === close) socket.end()
    // The same head without the mask.
    bytes.copy(out, length, at, at + head - 4)
    out[length + 1] = short
    length = unmask(bytes, at + head, { out, to: length + head - 4, size })
    at += head + size
  }
  if (length > 0) socket.write(out.subarray(0, length))
  return Buffer.from(bytes.subarray(at))
}

/** RFC 6455 §5.3. @returns where the next frame goes */
function unmask(
  bytes: Buffer,
  from: number,
  { out, to, size }: { out: Buffer; to: number; size: number },
): number {
  for (let octet = 0; octet < size; octet += 1) {
    out[to + octet] = bytes[from + octet]! ^ bytes[from - 4 + (octet & 3)]!
  }
  return to + size
}
