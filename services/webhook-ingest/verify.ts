import { CodedError } from '@switchhook/shared/errors'
import {
  providers,
  type Delivery,
  type Provider,
  type Verifier,
} from '@switchhook/shared/providers'
import type { Options } from './config.ts'

/** A provider with the verifier of the first app's credentials; null while it has none. */
export interface Source {
  readonly provider: Provider
  readonly verifier: Verifier | null
}

/** The sources by provider name, keys imported once. */
export function sourcesOf({ credentials }: Options): ReadonlyMap<string, Source> {
  return new Map(
    providers.map((provider): [string, Source] => {
      const live = credentials[provider.name] ?? []
      return [
        provider.name,
        { provider, verifier: live.length > 0 ? provider.verifier(live) : null },
      ]
    }),
  )
}

/**
 * Proves that the provider sent these bytes, now. Nothing of the body has been parsed before.
 * @throws CodedError with the reason word of the refusal, or `provider_not_configured`
 */
export async function verify(
  { provider, verifier }: Source,
  delivery: Delivery,
  nowMs: number,
): Promise<void> {
  if (!verifier) {
    const args = [provider.name, provider.credentialName]
    throw new CodedError('provider_not_configured', { args, retryAfter: 60 })
  }
  const verdict = await verifier(delivery, nowMs)
  if (!verdict.ok) throw new CodedError(verdict.code, { args: verdict.args })
}
