import { test } from 'tap'
import { providers } from '@switchhook/shared/providers'
import { providerContract } from '../contracts/provider.ts'
import { standardWebhooksFixtures } from '../kit/providers/standard-webhooks.ts'
import { telnyxFixtures } from '../kit/providers/telnyx.ts'
import type { ProviderFixtures } from '../contracts/provider-fixtures.ts'

const fixturesOf: Readonly<Record<string, () => ProviderFixtures>> = {
  'standard-webhooks': standardWebhooksFixtures,
  telnyx: telnyxFixtures,
}

for (const provider of providers) {
  test(`${provider.name} keeps the contract of a provider`, async (t) =>
    providerContract(t, provider, fixturesOf[provider.name]!()))
}
