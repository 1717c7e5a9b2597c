import { farewell } from '../explain.ts'
import { closeFrame } from '@switchhook/shared/frames'
import { dial } from './index.ts'
import type { Failover, Trial } from '../failover/index.ts'
import type { Wire } from '../relay/contract.ts'
import type { Route, Target } from '../upstreams/contract.ts'

/** A connection to one of a route's targets. */
export interface Reached {
  readonly wire: Wire
  readonly target: Target
}

/** For whom a PBX is dialled. */
export interface Caller {
  /** Aborted when it does not wait any more. */
  readonly signal: AbortSignal
  /** None: nothing is said. */
  readonly userAgent: string | undefined
  /** Hears of every target that fails. */
  failed?(target: Target, error: unknown): void
}

/** Connects to the first target that answers. @throws CodedError what the first one failed with; the reason of the signal */
export type Reach = (route: Route, caller: Caller) => Promise<Reached>

/** @param deadlineMs for all targets together */
export function reaching(failover: Failover, deadlineMs: number): Reach {
  return async (route, { signal, userAgent, failed }) => {
    const { target, connection } = await failover.connect<Wire>(
      route,
      async (each, options) => {
        try {
          return await dial(each, route.upstream, { ...options, userAgent })
        } catch (error) {
          failed?.(each, error)
          throw error
        }
      },
      { signal, deadlineMs },
    )
    return { wire: connection, target }
  }
}

/** Dials a target for nobody, and hangs up. */
export const tryOut: Trial = async (upstream, target, options) => {
  hangUp(await dial(target, upstream, { ...options, userAgent: undefined }))
}

/** Says goodbye to a PBX that nothing was wanted of. */
export function hangUp({ socket }: Wire): void {
  farewell(socket, closeFrame(1000, '', true))
}
