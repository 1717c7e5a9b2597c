/** A browser and its PBX, for whoever looks at their SIP; one object for all, kept as long as the connection. */
export interface Peer {
  /** Name of the upstream. */
  readonly upstream: string
  /** UUID of the app the connection belongs to. */
  readonly app: string
  /** Of the browser. */
  readonly address: string
  /** Of the WebSocket's handshake; empty if it does not say. */
  readonly userAgent: string
  /** The browser's port and the place that was dialled, as far as they are known. */
  readonly port?: number | undefined
  readonly target?: Place | undefined
}

/** An address and a port. */
export interface Place {
  readonly address: string
  readonly port: number
}
