import t from 'tap'
import { providers } from '@switchhook/shared/providers'
import { flippedBits } from '../contracts/provider-fuzz.ts'
import { fixturesOf } from '../kit/providers/index.ts'

const seed = Math.floor(Math.random() * 2 ** 31)

for (const provider of providers) {
  t.test(`a thousand flipped bits of each scheme of ${provider.name}, seed ${seed}`, () =>
    flippedBits(provider, fixturesOf(provider), { numRuns: 1_000, seed }),
  )
}
