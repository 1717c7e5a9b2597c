import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'

/** What a frame is (RFC 6455 §5.2). */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

interface FrameOptions {
  /** Default true. */
  readonly fin?: boolean
  /** The three reserved bits, RSV1 highest. */
  readonly rsv?: number
  /** Four bytes; null: the frame is not masked. */
  readonly mask?: Buffer | null
  /** Bits of the length; as few as fit if not given. */
  readonly lengthBits?: 7 | 16 | 64
  /** The length the header claims, whatever follows. */
  readonly claims?: bigint
}

const usualMask = Buffer.from([0x37, 0xfa, 0x21, 0x3d])

/** A client's frame, right or wrong. */
export function frame(
  opcode: number,
  payload: string | Buffer = '',
  { fin = true, rsv = 0, mask = usualMask, lengthBits, claims }: FrameOptions = {},
): Buffer {
  const body = Buffer.from(payload)
  const head = Buffer.concat([
    Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | opcode]),
    lengthField(claims ?? BigInt(body.length), lengthBits),
  ])
  if (!mask) return Buffer.concat([head, body])
  head[1]! |= 0x80
  return Buffer.concat([head, mask, body.map((byte, index) => byte ^ mask[index % 4]!)])
}

function lengthField(length: bigint, bits = fewestBits(length)): Buffer {
  if (bits === 7) return Buffer.from([Number(length)])
  const field = Buffer.alloc(bits === 16 ? 3 : 9)
  field[0] = bits === 16 ? 126 : 127
  if (bits === 16) field.writeUInt16BE(Number(length), 1)
  else field.writeBigUInt64BE(length, 1)
  return field
}

function fewestBits(length: bigint): 7 | 16 | 64 {
  if (length < 126) return 7
  return length < 65_536 ? 16 : 64
}

export const text = (payload: string | Buffer, options?: FrameOptions): Buffer =>
  frame(opcodes.text, payload, options)

/** A close frame; without a code its body is empty. */
export function close(code?: number, reason: string | Buffer = ''): Buffer {
  if (code === undefined) return frame(opcodes.close)
  const body = Buffer.from([code >> 8, code & 0xff])
  return frame(opcodes.close, Buffer.concat([body, Buffer.from(reason)]))
}

/** A text message in as many fragments as there are parts. */
export function fragments(...parts: readonly (string | Buffer)[]): Buffer[] {
  return parts.map((part, index) => {
    const opcode = index === 0 ? opcodes.text : opcodes.continuation
    return frame(opcode, part, { fin: index === parts.length - 1 })
  })
}

/** RFC 6455 §1.3. */
export const sampleKey = 'dGhlIHNhbXBsZSBub25jZQ=='

interface Handshake {
  readonly method?: string
  readonly target?: string
  readonly version?: string
  /** Instead of or besides the usual ones; null: it is left out. */
  readonly headers?: Readonly<Record<string, string | null>>
  /** More lines, each with its line break, right or wrong. */
  readonly lines?: string
}

/** The request that opens a WebSocket (RFC 6455 §4.1), or what a test makes of it. */
export function handshake({
  method = 'GET',
  target = '/ws',
  version = 'HTTP/1.1',
  headers = {},
  lines = '',
}: Handshake = {}): Buffer {
  const all: Record<string, string | null> = {
    Host: 'hub.example',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': sampleKey,
    'Sec-WebSocket-Version': '13',
    ...headers,
  }
  const sent = Object.entries(all).filter(([, value]) => value !== null)
  const block = sent.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.from(`${method} ${target} ${version}\r\n${block}${lines}\r\n`)
}

/** What a server must prove to have read (RFC 6455 §4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

/** A frame of the server. */
export interface ServerFrame {
  readonly opcode: number
  readonly payload: Buffer
}

/** How a server's side of a connection ended. */
type End = 'end' | 'reset'

/** All that a server said on one connection. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** What came behind the header. */
  readonly body: Buffer
  readonly end: End
}

interface Exchange {
  /** Sent one after the other, each as a segment of its own. */
  readonly opening: readonly Buffer[]
  /** Sent when the handshake is answered; if not given, nobody waits for that. */
  readonly next?: readonly Buffer[]
  /** What the client does with its connection at last; if not given, the server is to end it. */
  readonly finally?: 'end' | 'reset'
}

const deadlineMs = 30_000

/** Speaks to a server as told, and listens until it ends the connection. @throws if it does not */
export async function exchange(
  url: string,
  { opening, next, finally: last }: Exchange,
): Promise<Answer> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', noDelay: true })
  const heard = new Heard(socket)
  try {
    await send(socket, opening)
    if (next) await heard.header
    await send(socket, next ?? [])
    if (last === 'end') socket.end()
    if (last === 'reset') socket.resetAndDestroy()
    const end = await heard.end
    return { ...readHeader(heard.bytes), end }
  } finally {
    socket.destroy()
  }
}

async function send(socket: Socket, segments: readonly Buffer[]): Promise<void> {
  for (const segment of segments) {
    socket.write(segment)
    await turn()
  }
}

/** What arrives on a connection. */
class Heard {
  readonly header: Promise<void>
  readonly end: Promise<End>
  readonly #chunks: Buffer[] = []

  constructor(socket: Socket) {
    const header = Promise.withResolvers<void>()
    const end = Promise.withResolvers<End>()
    this.header = header.promise
    this.end = end.promise
    this.header.catch(() => {})
    this.end.catch(() => {})
    const timer = setTimeout(() => {
      const late = new Error(`no end within ${deadlineMs} ms; heard: ${this.bytes.toString()}`)
      header.reject(late)
      end.reject(late)
    }, deadlineMs)
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      if (this.bytes.includes('\r\n\r\n')) header.resolve()
    })
    socket.on('error', () => end.resolve('reset'))
    socket.on('end', () => end.resolve('end'))
    socket.on('close', () => {
      clearTimeout(timer)
      header.resolve()
      end.resolve('reset')
    })
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}

function readHeader(bytes: Buffer): Omit<Answer, 'end'> {
  const at = bytes.indexOf('\r\n\r\n')
  const [first = '', ...lines] = bytes.subarray(0, Math.max(at, 0)).toString('latin1').split('\r\n')
  const headers = new Headers()
  for (const line of lines) {
    const colon = line.indexOf(':')
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: bytes.subarray(at + 4) }
}

/** Reads a server's frames as strictly as RFC 6455 §5 allows. @throws at the first that is not right */
export function readFrames(bytes: Buffer): ServerFrame[] {
  const frames: ServerFrame[] = []
  for (let rest = bytes; rest.length > 0;) {
    const { size, ...one } = readFrame(rest)
    frames.push(one)
    rest = rest.subarray(size)
  }
  return frames
}

function readFrame(bytes: Buffer): ServerFrame & { size: number } {
  const [first = 0, second = 0] = bytes
  const opcode = first & 0x0f
  const [length, header] = lengthOf(bytes, second)
  const faults: readonly (readonly [boolean, string])[] = [
    [(first & 0x70) !== 0, 'reserved bits are set'],
    [(second & 0x80) !== 0, 'it is masked'],
    [(first & 0x80) === 0, 'it is a fragment'],
    [!Object.values<number>(opcodes).includes(opcode), `its opcode is ${opcode}`],
    [opcode >= 8 && length > 125, 'a control frame is too long'],
    [lengthField(BigInt(length)).length + 1 !== header, 'its length takes too many bits'],
    [bytes.length < header + length, 'it is cut off'],
  ]
  const fault = faults.find(([is]) => is)?.[1]
  if (fault) throw new Error(`not a frame: ${fault}: ${bytes.subarray(0, 16).toString('hex')}`)
  return { opcode, payload: bytes.subarray(header, header + length), size: header + length }
}

function lengthOf(bytes: Buffer, second: number): [length: number, header: number] {
  const short = second & 0x7f
  if (short === 126) return [bytes.readUInt16BE(2), 4]
  if (short === 127) return [Number(bytes.readBigUInt64BE(2)), 10]
  return [short, 2]
}
