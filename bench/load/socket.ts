import { connect, type Socket } from 'node:net'
import { FrameReader, type FrameSink } from './frames.ts'

/** One buffer for all sockets: what was read is used up before the next read. */
const buffer = Buffer.alloc(65_536)
/** A masked pong without payload. */
const pong = Buffer.of(0x8a, 0x80, 0, 0, 0, 0)
const handshakeMs = 20_000

/** Connects to a port so that every read calls `onRead` with bytes that are good until it returns. */
export function connectRaw(port: number, onRead: (bytes: Buffer) => void): Socket {
  const callback = (length: number): boolean => {
    onRead(buffer.subarray(0, length))
    return true
  }
  return connect({ host: '127.0.0.1', port, noDelay: true, onread: { buffer, callback } })
}

interface Subscription {
  readonly port: number
  readonly token: string
  /** Gets every text frame after the greeting. */
  onText: FrameSink['text']
  /** The server closed the socket. */
  onClosed(): void
}

/** A WebSocket that is only read, straight from TCP; resolves when the server has greeted. */
export function subscribe({ port, token, onText, onClosed }: Subscription): Promise<Socket> {
  const greeted = Promise.withResolvers<void>()
  const timer = setTimeout(() => greeted.reject(new Error('no greeting')), handshakeMs)
  let take: FrameSink['text'] = () => {
    take = onText
    greeted.resolve()
  }
  const reader = new FrameReader({
    text: (bytes, start, size) => take(bytes, start, size),
    ping: () => void socket.write(pong),
    close: () => socket.destroy(),
  })
  let head: Buffer | null = Buffer.alloc(0)
  const socket = connectRaw(port, (bytes) => {
    if (!head) return reader.push(bytes)
    head = Buffer.concat([head, bytes])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    const frames = head.subarray(end + 4)
    if (!head.toString('latin1', 0, 12).endsWith(' 101')) socket.destroy()
    head = null
    reader.push(frames)
  })
  socket.write(handshake(token))
  socket.on('error', () => {})
  socket.on('close', () => {
    greeted.reject(new Error('the server refused a subscriber'))
    onClosed()
  })
  return greeted.promise.finally(() => clearTimeout(timer)).then(() => socket)
}

function handshake(token: string): string {
  return [
    `GET /ws?token=${token} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol: switchhook.v1',
    '\r\n',
  ].join('\r\n')
}
