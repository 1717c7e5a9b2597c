import { verify } from 'retell-sdk/lib/webhook_auth'
import {
  jsonContent,
  readFolder,
  type ProviderFixtures,
} from '../../contracts/provider-fixtures.ts'

/** The deliveries of Retell, with its own library as the judge of signatures. */
export function retellFixtures(): ProviderFixtures {
  const { deliveries, keys } = readFolder('retell')
  const credential = (name: string): string => keys[name]!.api_key!
  return {
    deliveries,
    credential,
    credentials: ({ config }) => (config.api_keys as string[]).map(credential),
    settings: () => ({}),
    vendorAccepts: async ({ headers, body }, key) =>
      verify(body.toString(), key, String(headers['x-retell-signature'] ?? '')),
    signedParts: () => ['body', 'x-retell-signature'],
    content: jsonContent,
  }
}
