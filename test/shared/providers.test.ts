import { test } from 'tap'
import { providers } from '@switchhook/shared/providers'
import { providerContract } from '../contracts/provider.ts'
import { fixturesOf } from '../kit/providers/index.ts'

for (const provider of providers) {
  test(`${provider.name} keeps the contract of a provider`, async (t) =>
    providerContract(t, provider, fixturesOf(provider)))
}
