import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

/** Whom an upstream's certificate is believed for. */
export type Trust =
  | { readonly trust: 'system' }
  /** PEM texts of further roots and intermediates, besides those of the system. */
  | { readonly trust: 'extraCa'; readonly ca: readonly string[] }
  /** `sha256/<base64 of the SPKI's SHA-256>`, one of which must match; host name and dates are checked all the same. */
  | { readonly trust: 'pin'; readonly pins: readonly string[] }
  | { readonly trust: 'insecure' }

export interface TrustOptions {
  /** The name its certificate must be for. */
  readonly servername: string
  readonly trust: Trust
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/**
 * Begins TLS on a connected socket. Resolves only when the peer is trusted: nothing was written before but the TLS
 * handshake. Ends the socket otherwise.
 * @throws CodedError `upstream_chain_incomplete`, `upstream_issuer_unknown`, `upstream_self_signed`,
 * `upstream_certificate_expired`, `upstream_certificate_early`, `upstream_name_mismatch`, `upstream_pin_mismatch`,
 * `upstream_tls_failed` or `upstream_timeout`
 */
export async function secure(socket: Socket, options: TrustOptions): Promise<TLSSocket> {
  throw new Error(`not yet: ${socket.remoteAddress} ${options.servername}`)
}
