import { connectTo } from '../../egress/index.ts'
import { secure } from '../../tls-trust/index.ts'
import { upgrade, type Upgraded } from '../../upgrade/index.ts'
import { placeOf } from '../tls/place.ts'
import type { Duplex } from 'node:stream'

/** What a client shows when it connects. */
export interface Credentials {
  /** As a page sends it; none: not a page. */
  readonly origin?: string | undefined
  /** A JWT or an API key. */
  readonly token?: string | undefined
}

/** A server's answer to the handshake, and its body where it refused. */
export interface Opened extends Upgraded {
  readonly socket: Duplex
  readonly body: string
}

const stepMs = 5_000
const mostOctets = 65_536

/** The headers that show them. */
export function headersOf({ origin, token }: Credentials): Record<string, string> {
  return {
    ...(origin !== undefined && { origin }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
}

/**
 * Opens a WebSocket as a program does: certificates count, and a refusal is a status.
 * @throws CodedError of `connectTo`, `secure` or `upgrade`
 */
export async function openSocket(
  url: URL,
  credentials: Credentials,
  protocols: readonly string[],
): Promise<Opened> {
  const place = placeOf(url)
  const waiting = { timeoutMs: stepMs }
  const plain = await connectTo({ ...place, allowPrivate: true }, waiting)
  const isSecure = url.protocol === 'wss:'
  const { servername } = place
  const socket = isSecure
    ? await secure(plain, { ...waiting, servername, trust: { trust: 'system' } })
    : plain
  const answer = await upgrade(socket, {
    ...waiting,
    host: url.host,
    path: url.pathname + url.search,
    protocols,
    headers: { 'User-Agent': 'switchhook-doctor', ...headersOf(credentials) },
  })
  return { ...answer, socket, body: answer.status === 101 ? '' : await bodyOf(socket, answer) }
}

/** The beginning of a body, without what its transfer adds. */
async function bodyOf(socket: Duplex, { head, headers }: Upgraded): Promise<string> {
  const length = Number(headers.get('content-length') ?? mostOctets)
  let read: Buffer = head
  socket.on('error', () => {})
  const timer = setTimeout(() => socket.destroy(), stepMs)
  try {
    const isOver = (): boolean => read.length >= Math.min(length, mostOctets)
    if (!isOver()) {
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        read = Buffer.concat([read, chunk])
        if (isOver() || read.includes('\r\n0\r\n\r\n')) break
      }
    }
  } catch {
    // What there is of it is enough.
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
  const text = read.toString()
  return headers.has('transfer-encoding') ? withoutChunks(text) : text
}

/** Of a problem in one chunk: JSON from its first brace to its last. */
function withoutChunks(text: string): string {
  return text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)
}
