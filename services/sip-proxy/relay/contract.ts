import type { Duplex } from 'node:stream'

/** A WebSocket connection as its octets: the handshake is over. */
export interface Wire {
  readonly socket: Duplex
  /** What came behind the handshake already. */
  readonly head: Buffer
}

/** Whose message it is. */
export type Side = 'browser' | 'upstream'

/** Looks at the SIP that passes one connection. What it throws is logged, and the connection goes on without it. */
export interface Watch {
  /**
   * Whether the message that begins so is to be seen whole.
   * @param beginning at least its first 16 octets, or all of a shorter one; valid during the call
   */
  wants(from: Side, beginning: Buffer): boolean
  /** One whole message that it wanted, unmasked; valid during the call. */
  see(from: Side, message: Buffer): void
  /** The connection is gone. */
  closed(): void
}

/** Writes another message in place of one that passes. */
export interface Rewrite {
  /** The message to send in its place, or the same; null: what came is no SIP and goes on as it is. */
  rewrite(from: Side, message: Buffer): Buffer | null
}
