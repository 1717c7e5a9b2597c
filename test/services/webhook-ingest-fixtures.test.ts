import { test } from 'tap'
import { providers } from '@switchhook/shared/providers'
import { providerOverHttp } from '../contracts/provider-http.ts'
import { fixturesOf } from '../kit/providers/index.ts'

for (const provider of providers) {
  test(`every delivery of ${provider.name} is answered and written down as expected`, async (t) =>
    providerOverHttp(t, provider, fixturesOf(provider)))
}
