import type { LookupAddress } from 'node:dns'
import type { Socket } from 'node:net'

/** Where a connection may go, and nowhere else. */
export interface Destination {
  /** A host name, or an IP address without brackets. */
  readonly host: string
  readonly port: number
  /** Whether an address that is not public may be the answer. */
  readonly allowPrivate: boolean
}

export interface EgressOptions {
  /** For the name and the connection together, milliseconds. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** Every address of a name; the system's resolver if not given. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>
}

/**
 * Connects to a destination: its name is resolved once, every answer is judged, and only what was judged is connected
 * to, so that no second answer can be another (DNS rebinding).
 * @throws CodedError `upstream_unresolved`, `upstream_private`, `upstream_unreachable` or `upstream_timeout`
 */
export async function connectTo(to: Destination, options: EgressOptions): Promise<Socket> {
  throw new Error(`not yet: ${to.host} ${options.timeoutMs}`)
}
