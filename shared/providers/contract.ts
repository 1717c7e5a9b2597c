import type { CallEvent } from '../events/index.ts'
import type { Code } from '../errors/index.ts'

/** One HTTP request of a provider, body untouched. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** Why a delivery was refused; the words of the provider fixtures. */
export interface Refusal {
  readonly ok: false
  readonly code: Extract<
    Code,
    | 'bad_signature'
    | 'malformed_header'
    | 'missing_header'
    | 'timestamp_in_future'
    | 'timestamp_too_old'
  >
  /** Arguments of the code's message. */
  readonly args: readonly (string | number)[]
}

export type Verdict = { readonly ok: true; readonly credential: number } | Refusal

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

/** One delivery of a sample call, due so many milliseconds after its start. */
export interface SampleDelivery {
  readonly afterMs: number
  readonly body: Buffer
}

/** Plays the provider, for the demo, the CLI and tests. */
export interface Simulator {
  /** The environment variable with the signing key; the credential's own if the scheme is symmetric. */
  readonly signingKeyName: string
  newKeys(): Keys
  /** The headers that prove a body at a Unix time in seconds; the same body again is a retry. */
  sign(body: Buffer, signingKey: string, nowSeconds: number): Record<string, string>
  /** A whole call as the provider would send it, in order, with fresh ids. */
  sampleCall(options: SampleOptions): SampleDelivery[]
}

/** A telephony provider: how its deliveries are proven and what they say. Adding one is a folder and a line in `providers`. */
export interface Provider {
  readonly name: string
  /** The environment variable with the first app's credentials. */
  readonly credentialName: string
  /** What is wrong with a credential, in words; null if it is usable. */
  checkCredential(credential: string): string | null
  /** Builds a verifier that accepts any of the credentials (rotation). */
  verifier(credentials: readonly string[]): Verifier
  /** Pure: same bytes, same events. */
  normalise(delivery: Delivery, receivedAt: string): Normalised
  readonly simulator: Simulator
}
