import type { Trust } from '@switchhook/shared/tls-trust'

/** A PBX, or several that stand in for each other, as the file of upstreams describes it. */
export interface Upstream {
  readonly name: string
  readonly auth: 'required' | 'optional'
  /** What a client without `Origin` and without a credential gets. */
  readonly missingOrigin: 'refuse' | 'allow'
  /** Whether its targets may resolve to addresses that are not public. */
  readonly allowPrivate: boolean
  readonly trust: Trust
  /** The name its certificates must be for; that of the target if null. */
  readonly servername: string | null
  /** Sent as `Origin` to it; none if null. */
  readonly origin: string | null
  /** Sockets it may have from this process; one more is refused. */
  readonly maxSockets: number
  /** `host:port` put into Contacts in place of `….invalid`, and taken out again on the way back; as they are if null. */
  readonly contactHost: string | null
  /** UUID of the app its registrations belong to; the first app's if null. */
  readonly app: string | null
}

/** One place of an upstream, with nothing left to fill in. */
export interface Target {
  /** `wss://server1-388.phantomapi.net:8089/ws`: its name in logs, health and metrics. */
  readonly url: string
  readonly secure: boolean
  /** A name, or an IP address without brackets. */
  readonly host: string
  readonly port: number
  /** Path and query. */
  readonly path: string
}

/** What a client asked for. */
export interface Route {
  readonly upstream: Upstream
  /** What was filled into the templates; null if it was asked for by name. */
  readonly id: string | null
  /** In failover order, at least one. */
  readonly targets: readonly Target[]
  readonly sipDomain: string | null
}

/** The upstreams there are, as the file says now. */
export interface Upstreams {
  readonly all: readonly Upstream[]
  /** False while the file has mistakes, and what it said before stays in effect. */
  readonly usable: boolean
  /** By name, or by an id that exactly `match` allows. */
  find(asked: string): Route | null
}
