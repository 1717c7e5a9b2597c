import { isIP, type Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { CodedError } from '../errors/index.ts'
import { contextOf } from './context.ts'
import type { Trust } from './trust.ts'

/**
 * Does the handshake of TLS alone: whom it was done with is for the caller to judge before anything else.
 * @throws what went wrong, or the reason of the signal
 */
export async function handshake(
  socket: Socket,
  { servername, trust, signal }: { servername: string; trust: Trust; signal: AbortSignal },
): Promise<TLSSocket> {
  const secured = connect({
    socket,
    secureContext: contextOf(trust),
    // An address is no server name (RFC 6066 §3).
    ...(isIP(servername) ? {} : { servername }),
    ALPNProtocols: ['http/1.1'],
    // The judgement needs the chain, which a socket that Node.js refused no longer has; and a pin needs no chain.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const abort = (): void => reject(signal.reason as Error)
  const closed = (): void => reject(new Error('closed'))
  secured.once('secureConnect', resolve)
  secured.once('error', reject)
  secured.once('close', closed)
  signal.addEventListener('abort', abort)
  if (socket.destroyed) closed()
  try {
    await promise
    return secured
  } catch (error) {
    secured.on('error', () => {})
    secured.destroy()
    throw error
  } finally {
    secured.off('error', reject)
    secured.off('close', closed)
    signal.removeEventListener('abort', abort)
  }
}

/** By the code of Node.js, or the reason of OpenSSL. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE|BAD_RECORD_TYPE|RECORD_LAYER_FAILURE/,
    'what answers there does not speak TLS',
  ],
  [/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/, 'it speaks no TLS 1.2 or later'],
  [/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE.*CERT/, 'it asks for a certificate of ours'],
  [/UNRECOGNIZED_NAME/, 'it does not know the server name it is asked for'],
  [/NO_APPLICATION_PROTOCOL/, 'it does not speak HTTP/1.1'],
  [
    /HANDSHAKE_FAILURE|NO_SHARED_CIPHER/,
    'it refuses: no cipher in common, or it asks for a certificate of ours',
  ],
  [/ECONNRESET|EPIPE|^closed$/, 'it closes the connection during the handshake'],
]

/** What an error of the handshake means. */
export function failureOf(peer: string, cause: unknown): CodedError {
  const { code, message } = cause as NodeJS.ErrnoException
  const text = code ?? message
  const known = reasons.find(([pattern]) => pattern.test(text))?.[1]
  const reason = known ? (code ? `${known} (${code})` : known) : text
  return new CodedError('upstream_tls_failed', { args: [peer, reason], cause })
}
