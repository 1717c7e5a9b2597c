import { formatCursor, subprotocol, type ControlFrames } from '@switchhook/shared/protocol'
import type { Principal } from '@switchhook/plugins/auth'
import type { Options } from '../config.ts'
import type { Feed } from '../feed/index.ts'

interface Greeted {
  readonly clientId: string
  readonly principal: Principal
  readonly modern: boolean
  readonly feed: Feed
  readonly limits: Options
  readonly node: string
}

/** What the client is told first. A legacy socket gets exactly what seed 001 shows. */
export function greeting({
  clientId,
  principal,
  modern,
  feed,
  limits,
  node,
}: Greeted): ControlFrames['connected'] {
  const legacy = { clientId, user: principal.user }
  if (!modern) return legacy
  return {
    ...legacy,
    proto: subprotocol,
    app: principal.app,
    ...(principal.exp !== null && { exp: principal.exp }),
    head: formatCursor({ epoch: feed.epoch, seq: feed.position }),
    hb: limits.heartbeatSeconds,
    limits: {
      message: limits.messageBytes,
      rate: limits.messageRate,
      burst: limits.messageBurst,
      subs: limits.subscriptions,
    },
    node,
    resume: true,
  }
}

let lastMillis = 0
let sameMillis = 0

/** Seed 001's form `user-millis`; a second one in the same millisecond gets a suffix. */
export function nextClientId(user: string): string {
  const millis = Date.now()
  sameMillis = millis === lastMillis ? sameMillis + 1 : 0
  lastMillis = millis
  return sameMillis === 0 ? `${user}-${millis}` : `${user}-${millis}-${sameMillis}`
}
