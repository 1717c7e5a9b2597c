import { standardWebhooksFixtures } from './standard-webhooks.ts'
import { telnyxFixtures } from './telnyx.ts'
import type { Provider } from '@switchhook/shared/providers'
import type { ProviderFixtures } from '../../contracts/provider-fixtures.ts'

const byName: Readonly<Record<string, () => ProviderFixtures>> = {
  'standard-webhooks': standardWebhooksFixtures,
  telnyx: telnyxFixtures,
}

/** The signed deliveries of a provider, and what must become of them. */
export function fixturesOf({ name }: Provider): ProviderFixtures {
  return byName[name]!()
}
