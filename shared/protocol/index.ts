import type { EventFrame } from '../events/index.ts'
import type { CallRecord } from '../projections/index.ts'

export * from './close-codes.ts'
export * from './cursor.ts'

/** The subprotocol of modern sockets; a socket that offers none is a legacy socket (seed 001). */
export const subprotocol = 'switchhook.v1'

/** Prefix of the subprotocol entry that carries a token: `bearer.<jwt>`. */
export const bearerPrefix = 'bearer.'

/** The entries of a `Sec-WebSocket-Protocol` header, in order. */
export function offeredProtocols(header: string | undefined): string[] {
  return header === undefined ? [] : header.split(',').map((name) => name.trim())
}

/** Client → server. */
export interface ClientMessage {
  type: string
  id?: string | number
  data?: Record<string, unknown>
}

export type ResyncReason = 'too_old' | 'epoch' | 'too_many' | 'ahead'

/** Server → client, besides sequenced events. */
export interface ControlFrames {
  connected: {
    clientId: string
    user: string
    proto?: string
    app?: string
    exp?: number
    head?: string
    /** Seconds between two heads. */
    hb?: number
    limits?: { message: number }
    resume?: true
  }
  pong: { timestamp: number; t?: number }
  /** Your view is complete up to `seq`. */
  head: { seq: number; time: string }
  resumed: { from: number; to: number; count: number }
  resync: { reason: ResyncReason; oldest: number; head: string }
  /** Live calls after exactly the events up to `seq`; parts 1, 2, … until `last`. */
  snapshot: { seq: number; part: number; last: boolean; calls: CallRecord[]; agents: [] }
  error: { code: string; message: string; fix?: string }
}

export type ControlName = keyof ControlFrames

export type ControlFrame = {
  [Name in ControlName]: { event: Name; data: ControlFrames[Name]; id?: string | number }
}[ControlName]

/** Anything the hub may send. */
export type ServerFrame = ControlFrame | EventFrame
