import type { LookupAddress } from 'node:dns'
import { isIPv6, type Socket } from 'node:net'
import { CodedError } from '../errors/index.ts'
import { judgedAddresses } from './addresses.ts'
import { within } from './deadline.ts'
import { dial } from './dial.ts'

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
 * to, so that no second answer can be another (DNS rebinding). One answer that is not public refuses them all unless
 * `allowPrivate`; addresses of clouds' metadata services are never connected to.
 *
 * Whoever gets the socket listens for its errors. For HTTP over it: `request(url, { createConnection: () => socket })`, and no
 * `agent`, not even `false`: that would connect by itself.
 * @throws CodedError `upstream_unresolved`, `upstream_private`, `upstream_unreachable` or `upstream_timeout`; the reason of
 * `signal`
 */
export async function connectTo(to: Destination, options: EgressOptions): Promise<Socket> {
  const { timeoutMs, signal, resolve } = options
  const name = isIPv6(to.host) ? `[${to.host}]:${to.port}` : `${to.host}:${to.port}`
  const until = performance.now() + timeoutMs
  let stage = 'looking up its name'
  const late = (): Error => new CodedError('upstream_timeout', { args: [name, stage, timeoutMs] })
  return within({ timeoutMs, signal, late }, async (ended) => {
    const addresses = await judgedAddresses(to, { resolve, signal: ended })
    stage = 'connecting'
    return dial({ addresses, port: to.port, name, until, signal: ended })
  })
}
