import type { TObject } from 'typebox'
import type { CallEvent } from '../events/index.ts'
import type { Code } from '../errors/index.ts'

export type Method = 'GET' | 'POST'

/** One HTTP request of a provider, body untouched. */
export interface Delivery {
  readonly method: Method
  /** The absolute URL the provider called: ours as it is configured, with the query string as it came. */
  readonly url: string
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** Why a delivery was refused; the words of the provider fixtures. */
export interface Refusal {
  readonly ok: false
  readonly code: Extract<
    Code,
    | 'alg_not_allowed'
    | 'bad_secret'
    | 'bad_signature'
    | 'body_hash_mismatch'
    | 'malformed_header'
    | 'missing_header'
    | 'missing_payload_hash'
    | 'missing_signature'
    | 'timestamp_in_future'
    | 'timestamp_too_old'
    | 'token_expired'
    | 'unparseable_body'
    | 'wrong_application'
  >
  /** Arguments of the code's message. */
  readonly args: readonly (string | number)[]
}

/** Which credential proved a delivery, and the signed time in Unix seconds; null if none is signed. */
export interface Proven {
  readonly ok: true
  readonly credential: number
  readonly signedAt: number | null
}

export type Verdict = Proven | Refusal

/** What an authentic delivery means: events, or the reason why it can mean nothing. */
export type Normalised =
  | { readonly ok: true; readonly dedupeKey: string; readonly events: readonly CallEvent[] }
  | { readonly ok: false; readonly reason: 'unparseable_body' | 'schema'; readonly detail: string }

/** Checks deliveries against the credentials it was made with. */
export type Verifier = (delivery: Delivery, nowMs: number) => Promise<Verdict>

/** What a provider signs with, and the credential that proves it; the same text if the scheme is symmetric. */
export interface Keys {
  readonly signingKey: string
  readonly credential: string
}

export interface SampleOptions {
  /** Uniform in [0, 1), as Math.random. */
  readonly random: () => number
  /** When the call begins, Unix milliseconds. */
  readonly startMs: number
  /** An answered call with every kind of event a plain call can have. */
  readonly full?: boolean
}

/** One delivery of a sample call, due so many milliseconds after its start; `sign` makes a request of it. */
export interface SampleDelivery {
  readonly afterMs: number
  readonly content: Buffer
}

/** What a delivery is signed with, and when and for where. */
export interface Signing<Settings extends object = object> {
  readonly signingKey: string
  readonly nowSeconds: number
  /** The URL that is called, as the endpoint knows it. */
  readonly url: string
  readonly settings: Settings
}

/** A delivery ready to be sent. */
export interface SignedDelivery extends Delivery {
  readonly headers: Readonly<Record<string, string>>
}

/** Plays the provider, for the demo, the CLI and tests. */
export interface Simulator<Settings extends object = object> {
  /** The environment variable with the signing key; the credential's own if the scheme is symmetric. */
  readonly signingKeyName: string
  newKeys(): Keys
  /**
   * The request that brings what the provider has to say; the same content again is a retry.
   * @throws Error if the signing key is not usable
   */
  sign(content: Buffer, signing: Signing<Settings>): SignedDelivery
  /** A whole call as the provider would send it, in order, with fresh ids. */
  sampleCall(options: SampleOptions): SampleDelivery[]
}

/**
 * A telephony provider: how its deliveries are proven and what they say. Adding one is a folder and a line in
 * `providers`.
 */
export interface Provider<Settings extends object = object> {
  readonly name: string
  /** The environment variable with the first app's credentials. */
  readonly credentialName: string
  /** The methods it calls endpoints with. */
  readonly methods: readonly Method[]
  /**
   * What an endpoint is told besides its credentials: the schema of `Settings`. Each field has a description, and in
   * `env` the variable of the first app's endpoint; all have defaults or are optional.
   */
  readonly Settings: TObject
  /** What is wrong with a credential, in words that do not repeat it; null if it is usable. */
  checkCredential(credential: string): string | null
  /**
   * Builds a verifier that accepts any of the credentials (rotation).
   * @throws Error at once if a credential is not usable
   */
  verifier(credentials: readonly string[], settings: Settings): Verifier
  /** Pure: same bytes, same events. `receivedAt` (RFC 3339) stands in for times that were not told. */
  normalise(delivery: Delivery, receivedAt: string): Normalised
  /** Whether the provider waits for a JSON answer to a delivery that was proven; absent: it never does. */
  awaitsAnswer?(delivery: Delivery): boolean
  readonly simulator: Simulator<Settings>
}
