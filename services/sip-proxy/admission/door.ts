import type { Principal } from '@switchhook/plugins/auth'
import type { Bucket } from '../../bucket.ts'
import type { Reach } from '../dial/reach.ts'
import type { SipMetrics } from '../metrics.ts'
import type { Wire } from '../relay/contract.ts'
import type { Route, Target, Upstreams } from '../upstreams/contract.ts'
import type { Place, Places } from './places.ts'

/** A browser and its PBX, both handshakes done. */
export interface Connected {
  readonly browser: Wire
  readonly upstream: Wire
  readonly route: Route
  readonly target: Target
  readonly address: string
  /** Empty if it does not say. */
  readonly userAgent: string
  readonly principal: Principal | null
  /** To be given back when both sockets are closed. */
  readonly place: Place
}

/** What a handshake meets. */
export interface Door {
  readonly upstreams: Upstreams
  readonly places: Places
  /** How many more may come in now. */
  readonly room: Bucket
  /** Handshakes of one address in a minute. */
  readonly perAddress: number
  readonly metrics: SipMetrics
  readonly reach: Reach
  /** Carries from now on what both say. */
  connected(connection: Connected): void
}
