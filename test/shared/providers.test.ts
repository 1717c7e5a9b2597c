import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { providers } from '@switchhook/shared/providers'

test('every provider is proved to keep the contract of one', async (t) => {
  for (const { name } of providers) {
    const file = new URL(`providers-${name}.test.ts`, import.meta.url)
    t.match(readFileSync(file, 'utf8'), 'providerContract(t,', name)
  }
})
