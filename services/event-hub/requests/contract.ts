import type { Principal } from '@switchhook/plugins/auth'
import type { CloseName, ControlFrames, ControlName } from '@switchhook/shared/protocol'
import type { Feed } from '../feed/index.ts'
import type { View } from '../feed/view.ts'
import type { Door } from '../session/door.ts'

/** What a client wants to see, and how. */
export interface Subscription {
  readonly channels: readonly string[]
  /** Names and patterns of events; null: all of them. */
  readonly events: readonly string[] | null
  /** Wants every event rather than a snapshot after a gap. */
  readonly everyEvent: boolean
}

/** What the client sent a message with; the answer repeats it. */
export type RequestId = string | number | undefined

/** Who sent a message, as far as answering it needs to know. */
export interface Asker {
  readonly door: Door
  readonly clientId: string
  readonly principal: Principal
  readonly feed: Feed
  /** What it watches; null: nothing. */
  readonly view: View | null
  readonly subscription: Subscription
  readonly modern: boolean
  /** The hub's cursor. */
  readonly head: string
  send<Name extends ControlName>(event: Name, data: ControlFrames[Name], id?: RequestId): void
  write(frames: Buffer): void
  close(name: CloseName, reason: string): void
  /** Waits for requests before it. @throws CodedError `conflict` if too many wait */
  inTurn(work: () => Promise<void>): Promise<void>
  subscribe(wanted: Subscription, how: 'snapshot' | 'follow' | { cursor: string }): Promise<void>
  /** Continues from a cursor, or from a snapshot without one. */
  rejoin(cursor?: string): Promise<void>
  /** Goes on with a fresh credential of the same user. */
  renew(principal: Principal): Promise<void>
}
