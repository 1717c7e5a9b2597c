import type { Delivery } from '@switchhook/shared/providers'

/** Names of keys.json, by what they are. */
interface KeyNames {
  readonly public_keys?: readonly string[]
  readonly secrets?: readonly string[]
}

/** A signed delivery and what must become of it. */
export interface Fixture {
  readonly id: string
  readonly config: KeyNames
  readonly clock_unix: number
  readonly request: {
    readonly headers: readonly (readonly [string, string])[]
    readonly body_base64: string
  }
  readonly expect: {
    readonly verdict: 'accept' | 'reject' | 'quarantine'
    readonly reason?: string
    readonly duplicate_of?: string | null
    readonly needs_config?: KeyNames
    readonly events: readonly Readonly<Record<string, unknown>>[]
  }
  readonly oracle: { readonly key: string; readonly accepts: boolean }
}

export interface ProviderFixtures {
  readonly deliveries: readonly Fixture[]
  /** The key names a fixture wants configured; `rotated` leaves out what only a rotation adds. */
  credentials(fixture: Fixture, rotated?: 'without the added key'): readonly string[]
  /** The vendor's own verifier, by the clock of Date.now: resolves to its verdict. */
  vendorAccepts(delivery: Delivery, credential: string): Promise<boolean>
  /** The headers of a fixture in which no bit may change: those that carry or are covered by its signature. */
  signedHeaders(fixture: Fixture): readonly string[]
  /** The credential with a name of keys.json. */
  credential(name: string): string
}

/** The request as Node's HTTP parser hands it over: header names in lower case. */
export function deliveryOf({ request }: Fixture): Delivery {
  const headers = request.headers.map(([name, value]): [string, string] => [
    name.toLowerCase(),
    value,
  ])
  return {
    headers: Object.fromEntries(headers),
    body: Buffer.from(request.body_base64, 'base64'),
  }
}
