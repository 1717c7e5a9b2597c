import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { acceptOf } from '../raw-websocket.ts'
import { until } from '../until.ts'
import type { Test } from 'tap'

/** A handshake as a PBX gets it. */
export interface Asked {
  readonly socket: Socket
  /** `GET /ws HTTP/1.1` */
  readonly line: string
  readonly headers: Headers
  /** The request as it came, without the empty line. */
  readonly head: string
  /** What has come behind it. */
  heard(): Buffer
}

/** What a PBX does with a handshake. */
export type Script = (asked: Asked) => void | Promise<void>

/** The headers of a 101; null: it is left out. */
type Fields = Readonly<Record<string, string | null>>

/** The 101 of a PBX, with other headers. */
export function switching({ headers }: Asked, fields: Fields = {}): string {
  const all: Fields = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': acceptOf(headers.get('sec-websocket-key') ?? ''),
    'Sec-WebSocket-Protocol': 'sip',
    ...fields,
  }
  const lines = Object.entries(all)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`
}

const status =
  (line: string, headers = ''): Script =>
  ({ socket }) =>
    void socket.end(`HTTP/1.1 ${line}\r\n${headers}Content-Length: 0\r\n\r\n`)

const octets =
  (text: string): Script =>
  ({ socket }) =>
    void socket.write(text)

const upgraded =
  (fields: Fields = {}, behind = ''): Script =>
  (asked) =>
    void asked.socket.write(switching(asked, fields) + behind)

/** What PBXs, and what is taken for one, answer. */
export const scripts = {
  ok: upgraded(),
  /** As Asterisk does. */
  okWithSpace: upgraded({ 'Sec-WebSocket-Protocol': ' sip' }),
  okInUpperCase: upgraded({ 'Sec-WebSocket-Protocol': 'SIP', Upgrade: 'WebSocket' }),
  octetByOctet: async (asked) => {
    for (const octet of Buffer.from(switching(asked))) {
      asked.socket.write(Buffer.from([octet]))
      await turn()
    }
  },
  noProtocol: upgraded({ 'Sec-WebSocket-Protocol': null }),
  otherProtocol: upgraded({ 'Sec-WebSocket-Protocol': 'chat' }),
  twoProtocols: upgraded({ 'Sec-WebSocket-Protocol': 'sip, sip' }),
  wrongAccept: upgraded({ 'Sec-WebSocket-Accept': acceptOf('another key') }),
  noAccept: upgraded({ 'Sec-WebSocket-Accept': null }),
  noUpgrade: upgraded({ Upgrade: null }),
  noConnection: upgraded({ Connection: 'keep-alive' }),
  extension: upgraded({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }),
  folded: upgraded({ 'X-Long': 'a\r\n b' }),
  bareLineFeed: (asked) => void asked.socket.write(switching(asked).replaceAll('\r\n', '\n')),
  ok200: status('200 OK'),
  badRequest: status('400 Bad Request'),
  unauthorized: status('401 Unauthorized', 'WWW-Authenticate: Basic\r\n'),
  forbidden: status('403 Forbidden'),
  notFound: status('404 Not Found'),
  proxyLogin: status('407 Proxy Authentication Required'),
  redirect: status('302 Found', 'Location: https://user:pass@other.example/ws?token=secret\r\n'),
  redirectNowhere: status('301 Moved Permanently'),
  upgradeRequired: status('426 Upgrade Required'),
  failed: status('500 Internal Server Error'),
  unavailable: status('503 Service Unavailable'),
  garbage: octets('SIP/2.0 400 Bad Request\r\n\r\n'),
  headerFlood: octets(`HTTP/1.1 101 Switching Protocols\r\n${'X-More: of it\r\n'.repeat(2_000)}`),
  slow: () => {},
  slowHalfway: octets('HTTP/1.1 101 Switching'),
  close: ({ socket }) => void socket.end(),
  reset: ({ socket }) => void socket.resetAndDestroy(),
} satisfies Record<string, Script>

/** A PBX whose answer to the handshake is written by a test. */
export class FakeUpstream {
  readonly #server: Server
  readonly #open = new Set<Socket>()
  /** What it does with the next handshake. */
  script: Script = scripts.ok
  /** Connections so far, whatever became of them. */
  connections = 0
  readonly asked: Asked[] = []

  constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => this.#take(socket))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Connections that are open. */
  get open(): number {
    return this.#open.size
  }

  /** The handshake of so many. @throws if it does not come */
  async handshake(number = 1): Promise<Asked> {
    await until(() => this.asked.length >= number)
    return this.asked[number - 1]!
  }

  /** Resolves when nobody is connected any more. */
  async deserted(): Promise<void> {
    await until(() => this.#open.size === 0)
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, 'close')
  }

  #take(socket: Socket): void {
    this.connections += 1
    this.#open.add(socket)
    socket.on('error', () => {}).on('close', () => this.#open.delete(socket))
    let octets = Buffer.alloc(0)
    let end = -1
    socket.on('data', (chunk: Buffer) => {
      octets = Buffer.concat([octets, chunk])
      if (end >= 0) return
      end = octets.indexOf(emptyLine)
      if (end < 0) return
      const head = octets.toString('latin1', 0, end)
      const heard = (): Buffer => octets.subarray(end + emptyLine.length)
      const asked = { socket, heard, ...readHead(head) }
      this.asked.push(asked)
      void this.script(asked)
    })
  }
}

const emptyLine = '\r\n\r\n'

function readHead(head: string): Pick<Asked, 'head' | 'headers' | 'line'> {
  const [line = '', ...lines] = head.split('\r\n')
  const fields = lines.map((each): [string, string] => {
    const colon = each.indexOf(':')
    return [each.slice(0, colon), each.slice(colon + 1).trim()]
  })
  return { head, line, headers: new Headers(fields) }
}

/** Starts a PBX on a free port of the loopback; it goes with the test. */
export async function fakeUpstream(t: Test, script: Script = scripts.ok): Promise<FakeUpstream> {
  const server = createServer()
  const fake = new FakeUpstream(server)
  fake.script = script
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => fake.close())
  return fake
}
