import { isIPv6, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { within } from '../egress/deadline.ts'
import { CodedError } from '../errors/index.ts'
import { chainAsSent } from './chain.ts'
import { failureOf, handshake } from './handshake.ts'
import { refusal } from './judge.ts'
import type { Trust } from './trust.ts'

export { readAuthorities, type Authorities } from './authorities.ts'
export { chainAsSent } from './chain.ts'
export { isFor, issuerUrls } from './facts.ts'
export { spkiPin } from './pin.ts'
export type { Trust } from './trust.ts'

export interface TrustOptions {
  /** The name its certificate must be for: a host name, or an IP address without brackets. */
  readonly servername: string
  readonly trust: Trust
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** What the peer is called in errors; the server name and the port if not given. */
  readonly peer?: string
}

/**
 * Begins TLS on a connected socket. Resolves only when the peer is trusted: nothing was written before but the TLS
 * handshake. Ends the socket otherwise.
 * @throws CodedError `upstream_chain_incomplete`, `upstream_issuer_unknown`, `upstream_self_signed`,
 * `upstream_certificate_expired`, `upstream_certificate_early`, `upstream_name_mismatch`, `upstream_pin_mismatch`,
 * `upstream_tls_failed` or `upstream_timeout`; the reason of `signal`
 */
export async function secure(socket: Socket, options: TrustOptions): Promise<TLSSocket> {
  try {
    return await secured(socket, options)
  } catch (error) {
    socket.destroy()
    throw error
  }
}

async function secured(socket: Socket, options: TrustOptions): Promise<TLSSocket> {
  const { trust, timeoutMs, signal } = options
  const servername = options.servername.replace(/\.$/, '')
  const host = isIPv6(servername) ? `[${servername}]` : servername
  const peer = options.peer ?? `${host}:${socket.remotePort}`
  const late = (): Error =>
    new CodedError('upstream_timeout', { args: [peer, 'the TLS handshake', timeoutMs] })
  const shaken = await within({ timeoutMs, signal, late }, async (ended) => {
    try {
      return await handshake(socket, { servername, trust, signal: ended })
    } catch (error) {
      throw ended.aborted ? error : failureOf(peer, error)
    }
  })
  const chain = chainAsSent(shaken)
  const fault = shaken.authorized ? null : String(shaken.authorizationError)
  const refused = refusal({ peer, servername, chain, fault }, trust)
  if (refused === null) return shaken
  shaken.on('error', () => {})
  shaken.destroy()
  throw refused
}
