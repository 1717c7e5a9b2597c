import { connect, type Socket } from 'node:net'
import { dialects, type DialectName } from './dialects.ts'
import { FrameReader } from './frames.ts'

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
  readonly dialect: DialectName
  readonly token: string
  /** Gets every event: the bytes it is in, and where its JSON begins. */
  onEvent(bytes: Buffer, start: number): void
  /** The server closed the socket. */
  onClosed(): void
}

/** A WebSocket that is only read, straight from TCP; resolves when the server knows that it wants events. */
export function subscribe(subscription: Subscription): Promise<Socket> {
  const { port, dialect, token, onEvent, onClosed } = subscription
  const { path, listen } = dialects[dialect]
  const subscribed = Promise.withResolvers<void>()
  const timer = setTimeout(() => subscribed.reject(new Error('no greeting')), handshakeMs)
  const reader = new FrameReader({
    message: listen({
      token,
      say: (text) => void socket.write(textFrame(text)),
      subscribed: () => subscribed.resolve(),
      event: onEvent,
    }),
    ping: () => void socket.write(pong),
    close: () => socket.destroy(),
  })
  const socket = connectRaw(port, afterHead(reader, { refused: () => socket.destroy() }))
  socket.write(handshake(path(token), 'Sec-WebSocket-Protocol: switchhook.v1'))
  socket.on('error', () => {})
  socket.on('close', () => {
    subscribed.reject(new Error('the server refused a subscriber'))
    onClosed()
  })
  return subscribed.promise.finally(() => clearTimeout(timer)).then(() => socket)
}

/** Skips the answer to the handshake, which must be 101; the rest goes to the reader. */
export function afterHead(
  reader: FrameReader,
  { refused, accepted }: { refused: (answer: string) => void; accepted?: () => void },
): (bytes: Buffer) => void {
  let head: Buffer | null = Buffer.alloc(0)
  return (bytes) => {
    if (!head) return reader.push(bytes)
    head = Buffer.concat([head, bytes])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    const frames = head.subarray(end + 4)
    const answer = head.toString('latin1', 0, head.indexOf('\r'))
    head = null
    if (!/^HTTP\/1\.1 101\b/.test(answer)) return refused(answer)
    accepted?.()
    reader.push(frames)
  }
}

/** A final text frame of a client, masked with zeros (RFC 6455 §5.3). */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const short = payload.length < 126
  const length = short ? [payload.length] : [126, payload.length >> 8, payload.length & 255]
  const [first = 0, ...more] = length
  return Buffer.concat([Buffer.of(0x81, 0x80 | first, ...more, 0, 0, 0, 0), payload])
}

/** Asks for a WebSocket; `headers` are lines. */
export function handshake(path: string, ...headers: readonly string[]): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ...headers,
    '\r\n',
  ].join('\r\n')
}
