import type { By } from '../audit/contract.ts'

/** An API key of an app, as operators see it; times are RFC 3339, UTC, milliseconds. */
export interface ApiKey {
  /** UUID. */
  readonly id: string
  readonly app: string
  /** The first characters of the key: enough to tell keys apart, not enough to use one. */
  readonly prefix: string
  readonly createdAt: string
  /** Null: it has no end. */
  readonly expiresAt: string | null
  readonly revokedAt: string | null
  /** Another key replaced it; it is accepted until then. */
  readonly graceUntil: string | null
  /** To the minute; null: never. */
  readonly lastUsedAt: string | null
}

/** A key that was just made: the only moment in which its text is known. */
export interface NewApiKey {
  readonly key: string
  readonly record: ApiKey
  /** Until when the keys that it replaces are accepted; null: there are none, or it replaces none. */
  readonly graceUntil: string | null
}

/** Apps' keys: those in use are in memory. The audit tells of every change. */
export interface ApiKeys {
  /** The key with this text; `expired` if its time is over, null if there is none. */
  find(text: string, nowMs: number): ApiKey | 'expired' | null
  /** Whether a key is accepted. */
  isLive(id: string, nowMs: number): boolean
  /** Notes that a key was used; written later, at most once a minute. */
  used(id: string, nowMs: number): void
  /** An app's keys, the latest first, 100 at most. */
  list(app: string): Promise<readonly ApiKey[]>
  /** Makes a key beside the others. @returns null if the app has as many as it may have */
  create(app: string, options?: NewKeyOptions): Promise<NewApiKey | null>
  /** Makes a key in place of all others, which are accepted for a while yet. */
  rotate(
    app: string,
    options: NewKeyOptions & { readonly graceSeconds: number },
  ): Promise<NewApiKey>
  /** @returns whether it was revoked now or before; null: the app has no such key */
  revoke(app: string, id: string, by?: By): Promise<'now' | 'before' | null>
}

/** What a key is made with; the audit says who made, replaced or revoked it: the system unless it says otherwise. */
interface NewKeyOptions {
  /** RFC 3339; null: it has no end. */
  readonly expiresAt?: string | null
  readonly by?: By
}

/** `once` opens one connection; `many` as many as are asked for until it ends. */
export type TicketKind = 'once' | 'many'

/** What a ticket is made of. */
export interface TicketRequest<Holder> {
  readonly kind: TicketKind
  readonly app: string
  readonly sub: string
  /** Of the page that asked; null: it was no page. */
  readonly origin: string | null
  /** Unix milliseconds. */
  readonly expiresAtMs: number
  /** Whom the ticket stands for; comes back as JSON makes it. */
  readonly holder: Holder
}

/** A ticket that was shown. */
export interface Ticket<Holder> {
  readonly kind: TicketKind
  readonly origin: string | null
  readonly holder: Holder
}

/** Tickets of this and every other process on the store: written as hashes, nothing is in memory. */
export interface Tickets<Holder> {
  /** @returns the ticket's text */
  issue(request: TicketRequest<Holder>, nowMs: number): Promise<string>
  /** What a ticket stands for; one of kind `once` is spent by that. Null: unknown, spent or expired. */
  take(text: string, nowMs: number): Promise<Ticket<Holder> | null>
  /** The same, and nothing is spent. */
  look(text: string, nowMs: number): Promise<Ticket<Holder> | null>
}

/** Users whose credentials were taken back: in memory. */
export interface Revocations {
  /** Since when (Unix milliseconds) credentials are accepted; undefined: nothing was taken back. */
  since(app: string, sub: string): number | undefined
  /** Takes back what was issued to a user so far. @returns when, RFC 3339 */
  add(app: string, sub: string): Promise<string>
}

/** Who may come in, besides those with a token, and who may not any more. */
export interface Access<Holder> {
  /** Changes with every change of which credentials are accepted. */
  readonly revision: number
  readonly keys: ApiKeys
  readonly tickets: Tickets<Holder>
  readonly revocations: Revocations
  /** Reads what other processes changed; for all who ask now at once. */
  lookAgain(): Promise<void>
  /** Writes when keys were used, and ends what has ended. */
  tend(nowMs: number): Promise<void>
}
