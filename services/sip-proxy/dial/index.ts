import { connectTo } from '@switchhook/shared/egress'
import { secure } from '@switchhook/shared/tls-trust'
import { upgrade } from '@switchhook/shared/upgrade'
import { refusalIn } from './answer.ts'
import type { Socket } from 'node:net'
import type { Wire } from '../relay/contract.ts'
import type { Target, Upstream } from '../upstreams/contract.ts'

export interface DialOptions {
  /** For name, connection, TLS and handshake together, milliseconds. */
  readonly timeoutMs: number
  /** Whoever waits for it may go: then it is given up at once. */
  readonly signal?: AbortSignal
  /** What the client says it is; none: nothing is said. */
  readonly userAgent: string | undefined
}

/**
 * Opens a SIP WebSocket to a target (RFC 7118 §4), with a handshake of our own: of the client's only its name goes on.
 * The socket is paused, and nobody listens to it.
 * @throws CodedError one of `upstreamCodes`; the reason of the signal
 */
export async function dial(
  target: Target,
  upstream: Upstream,
  { timeoutMs, signal, userAgent }: DialOptions,
): Promise<Wire> {
  const endsAt = performance.now() + timeoutMs
  const patience = () => ({
    timeoutMs: Math.max(1, Math.round(endsAt - performance.now())),
    ...(signal && { signal }),
  })
  const { host, port, path } = target
  const { allowPrivate } = upstream
  const plain = await connectTo({ host, port, allowPrivate }, patience())
  // A SIP message is not to wait for the next one.
  plain.setNoDelay(true)
  const socket = target.secure ? await trusted(plain, { target, upstream, ...patience() }) : plain
  const name = nameOf(target)
  const answer = await upgrade(socket, {
    host: name,
    path,
    protocols: ['sip'],
    headers: headersFor(upstream, userAgent),
    ...patience(),
  })
  const refusal = refusalIn(answer, name)
  if (!refusal) return { socket, head: answer.head }
  socket.destroy()
  throw refusal
}

interface Asked {
  readonly target: Target
  readonly upstream: Upstream
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

function trusted(socket: Socket, { target, upstream, ...patience }: Asked): Promise<Socket> {
  const { servername, trust } = upstream
  return secure(socket, {
    servername: servername ?? target.host,
    trust,
    peer: nameOf(target),
    ...patience,
  })
}

/** `pbx.example:8089`; a port that goes without saying is not said (RFC 9110 §7.2). */
function nameOf({ url }: Target): string {
  return new URL(url).host
}

function headersFor({ origin }: Upstream, userAgent: string | undefined): Record<string, string> {
  const agent = printable(userAgent ?? '')
  return {
    ...(agent !== '' && { 'User-Agent': agent }),
    ...(origin !== null && { Origin: origin }),
  }
}

const maxAgent = 256

/** A header's octets are anybody's; a PBX need not be able to read them all. */
function printable(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .slice(0, maxAgent)
    .trim()
}
