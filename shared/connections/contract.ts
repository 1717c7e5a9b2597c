/** How far a connection is. */
export type ConnectionStatus = 'connecting' | 'connected' | 'incomplete' | 'expired'

/** What an operator may see of a connection to a provider's account. */
export interface ConnectionState {
  readonly status: ConnectionStatus
  /** Why it is not connected, in plain words; never a secret. */
  readonly reason: string | null
  /** When the access token ends, RFC 3339; null if it does not. */
  readonly expiresAt: string | null
  /** When somebody last consented, RFC 3339. */
  readonly connectedAt: string | null
  /** The provider's ids of what was made there, digit for digit. */
  readonly webhookId: string | null
  readonly subscriptionId: string | null
  /** How often in a row what is to be done was not. */
  readonly attempts: number
  /** When it is tried again, RFC 3339; null if nothing is to be done. */
  readonly retryAt: string | null
}

/** Whose connection it is, and to whom. */
export interface ConnectionKey {
  readonly app: string
  readonly provider: string
}

/** A connection without its secrets. */
export interface Connection extends ConnectionKey, ConnectionState {
  /** RFC 3339, UTC, milliseconds. */
  readonly updatedAt: string
}

/** A connection with its secrets. */
export interface OpenConnection<Secrets> extends Connection {
  /** Null until some were saved, and when their key is not configured any more. */
  readonly secrets: Secrets | null
}

/** What is to be other than it was. */
export type ConnectionChange<Secrets> = Partial<ConnectionState> & { readonly secrets?: Secrets }

/** A connection that nobody else changes, of this process or another one, until it is released or the lease ends. */
export interface HeldConnection<Secrets> {
  readonly current: OpenConnection<Secrets>
  /** @throws ConnectionLost if the lease ended and another holds it, or it was removed */
  save(change: ConnectionChange<Secrets>): Promise<void>
  /** Takes the connection away. */
  remove(): Promise<void>
  release(): Promise<void>
}

/** For how long, and on what terms, a connection is held. */
export interface HoldOptions {
  readonly nowMs: number
  readonly leaseMs: number
  /** Makes an empty one if there is none. */
  readonly create?: boolean
}

/** The lease ended while something was under way. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

/** What a one-use secret stands for: a link, or a consent under way. */
export interface Consent<Content> extends ConnectionKey {
  /** SHA-256 of the secret, which is not stored. */
  readonly id: string
  readonly kind: 'link' | 'consent'
  readonly expiresAt: string
  readonly content: Content
}

/** How many a store keeps. */
export interface ConsentLimit {
  readonly nowMs: number
  /** Open ones of this app, provider and kind; the oldest go. */
  readonly keep: number
}

/** Apps' connections to providers' accounts. `Secrets` are JSON, sealed at rest for their app and provider. */
export interface Connections<Secrets> {
  /** Of an app, by provider. */
  list(app: string): Promise<readonly Connection[]>
  get(key: ConnectionKey): Promise<OpenConnection<Secrets> | null>
  /** Holds a connection; `none` if there is none, `busy` if another holds it. */
  hold(key: ConnectionKey, options: HoldOptions): Promise<HeldConnection<Secrets> | 'none' | 'busy'>
  /** At most `limit` whose `retryAt` has come, the longest waiting first. */
  due(nowMs: number, limit: number): Promise<readonly ConnectionKey[]>
  addConsent(consent: Consent<unknown>, limit: ConsentLimit): Promise<void>
  /** Takes one away and returns it: to one caller only, and to none when it has expired. */
  takeConsent(
    id: string,
    kind: Consent<unknown>['kind'],
    nowMs: number,
  ): Promise<Consent<unknown> | null>
}
