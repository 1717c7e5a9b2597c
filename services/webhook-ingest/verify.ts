import { CodedError } from '@switchhook/shared/errors'
import type { Delivery, Proven, Refusal } from '@switchhook/shared/providers'
import type { CredentialSet, Endpoint } from './endpoints.ts'
import type { Received } from './receive.ts'

/** A delivery that is authentic, and what proved it. */
export interface Proof {
  readonly delivery: Delivery
  readonly set: CredentialSet
  readonly proven: Proven
}

interface Circumstances {
  /** What clients call us, without a trailing slash. */
  readonly publicUrl: string
  /** Unix milliseconds. */
  readonly nowMs: number
}

/**
 * Proves that the provider sent these bytes, now. Nothing of the body has been parsed before.
 * @throws CodedError with the reason word of the refusal, or `provider_not_configured`
 */
export async function verify(
  { provider, sets }: Endpoint,
  received: Received,
  { publicUrl, nowMs }: Circumstances,
): Promise<Proof> {
  let refusal: Refusal | null = null
  for (const set of sets) {
    const delivery = deliveryOf(received, set.publicUrl ?? publicUrl + received.path)
    const verdict = await set.verifier(delivery, nowMs)
    if (verdict.ok) return { delivery, set, proven: verdict }
    refusal ??= verdict
  }
  if (refusal) throw new CodedError(refusal.code, { args: refusal.args })
  const args = [provider.name, provider.credentialName]
  throw new CodedError('provider_not_configured', { args, retryAfter: 60 })
}

/** Some providers sign the URL they called; only our own configuration says what that was. */
function deliveryOf({ method, query, headers, body }: Received, url: string): Delivery {
  return { method, url: url + query, headers, body }
}
