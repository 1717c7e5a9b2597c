import type { EventFrame } from '../events/index.ts'
import type { CallRecord } from '../projections/index.ts'

export * from './channels.ts'
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

export type ResyncReason = 'too_old' | 'epoch' | 'too_many' | 'ahead' | 'view_changed'

/** How an agent is, as everyone in the app may know. */
export interface PresenceEntry {
  /** The user's `sub`. */
  agent: string
  name: string
  state: string
  note: string | null
  sockets: number
  sip: 'registered' | 'unregistered' | null
  /** The provider's own word. */
  provider: string | null
  reachable: boolean
  /** What keeps the agent from being reachable. */
  missing: string[]
  since: string
  /** The last event the agent's client confirmed. */
  seen: number | null
}

/** What a socket may do; each limit has a setting. */
export interface Limits {
  /** Bytes of a message. */
  message: number
  /** Messages a second, and how many at once after a pause. */
  rate: number
  burst: number
  /** Subscriptions. */
  subs: number
}

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
    limits?: Limits
    /** Which process answers. */
    node?: string
    resume?: true
  }
  pong: { timestamp: number; t?: number }
  auth: { exp: number | null; scopes: string[] }
  /** Your view is complete up to `seq`, and its last event was `prev`. */
  head: { seq: number; prev?: number; time: string }
  subscribed: {
    channels: string[]
    denied?: { channel: string; code: 'unknown_channel' | 'forbidden' }[]
    head: string
  }
  unsubscribed: { channels: string[]; head: string }
  resumed: { from: number; to: number; count: number }
  resync: { reason: ResyncReason; oldest: number; head: string }
  /** Events above `from` up to `to` were left out; a snapshot or a replay makes good for them. */
  gap: { from: number; to: number; reason: 'slow' | 'log_lag' }
  /** Live calls after exactly the events up to `seq`; parts 1, 2, … until `last`. */
  snapshot: {
    seq: number
    part: number
    last: boolean
    calls: CallRecord[]
    agents: PresenceEntry[]
  }
  presence: { set: Record<string, PresenceEntry>; del: string[] }
  claimed: { call: string; action: string; granted: boolean; by?: string }
  ack: Record<string, never>
  history: { events: EventFrame[]; next: number | null }
  /** No longer in your view. */
  'call-removed': { call: string }
  'auth-expiring': { exp: number; inMs: number }
  drain: { reason: 'deploy' | 'rebalance'; deadlineMs: number; slotMs: number }
  notice: { code: 'deprecated-origin' | 'query-credential' | 'provider-silent'; text: string }
  error: { code: string; message: string; fix?: string; retryMs?: number }
}

export type ControlName = keyof ControlFrames

export type ControlFrame = {
  [Name in ControlName]: { event: Name; data: ControlFrames[Name]; id?: string | number }
}[ControlName]

/** Anything the hub may send. */
export type ServerFrame = ControlFrame | EventFrame
