import { createHash, randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { CodedError } from '../errors/index.ts'
import { readHead } from './read-head.ts'
import type { ResponseHead } from './response-head.ts'

export interface UpgradeOptions {
  /** `pbx.example:8089`: the Host header, and its name in errors. */
  readonly host: string
  /** Path and query, percent-encoded. */
  readonly path: string
  /** Subprotocols to offer; none: the header is left out. */
  readonly protocols: readonly string[]
  /** More headers, e.g. `Origin` or `User-Agent`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Until the head of the answer is there. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** What a server answered to the handshake. */
export interface Upgraded extends ResponseHead {
  /** Octets behind the head: first frames after a 101, else the beginning of a body. */
  readonly head: Buffer
  /** What was chosen of what was offered, as it was offered; null if nothing was. */
  readonly protocol: string | null
}

/**
 * Asks for a WebSocket on a connected socket, as a client (RFC 6455 §4.1), without extensions. Any status is an answer;
 * a 101 is one only with everything the RFC demands of it. The socket is paused afterwards, with
 * nobody listening for its errors any more, and destroyed if this throws.
 * @throws CodedError `upstream_not_websocket`, `upstream_unreachable` or `upstream_timeout`; the reason of the signal
 */
export async function upgrade(socket: Duplex, options: UpgradeOptions): Promise<Upgraded> {
  const key = randomBytes(16).toString('base64')
  try {
    const request = requestFor(options, key)
    const answer = await readHead(socket, request, options)
    if (answer.status !== 101) return { ...answer, protocol: null }
    const fault = faultOf(answer, key)
    if (fault !== null) throw notWebSocket(options.host, fault)
    return { ...answer, protocol: chosen(answer, options) }
  } catch (error) {
    socket.destroy()
    throw error
  }
}

function requestFor({ host, path, protocols, headers = {} }: UpgradeOptions, key: string): string {
  const fields = {
    Host: host,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Version': '13',
    ...(protocols.length > 0 && { 'Sec-WebSocket-Protocol': protocols.join(', ') }),
    ...headers,
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`)
  const all = [`GET ${path} HTTP/1.1`, ...lines]
  // What would begin another line or another request is never sent.
  const wrong = all.find((line) => /[^\t\x20-\x7e]/.test(line))
  if (wrong !== undefined || path.includes(' ')) throw new TypeError('not a header: control octets')
  return [...all, '', ''].join('\r\n')
}

/** What a server answers to a client's key (RFC 6455 §4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

/** What a 101 lacks of RFC 6455 §4.1; null if it lacks nothing. */
function faultOf({ headers }: ResponseHead, key: string): string | null {
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket') return 'its 101 is to no WebSocket'
  const connection = (headers.get('connection') ?? '').toLowerCase().split(/[\t ]*,[\t ]*/)
  if (!connection.includes('upgrade')) return 'its 101 does not upgrade the connection'
  if (headers.get('sec-websocket-accept') !== acceptOf(key)) {
    return 'its 101 does not answer our key'
  }
  return headers.get('sec-websocket-extensions') ? 'it uses an extension nobody offered' : null
}

function chosen({ headers }: ResponseHead, { host, protocols }: UpgradeOptions): string | null {
  const answered = headers.get('sec-websocket-protocol')
  if (answered === undefined) return null
  const offered = protocols.find((each) => each.toLowerCase() === answered.toLowerCase())
  if (offered === undefined) throw notWebSocket(host, 'it chose a subprotocol nobody offered')
  return offered
}

function notWebSocket(host: string, why: string): CodedError {
  return new CodedError('upstream_not_websocket', { args: [host, why] })
}
