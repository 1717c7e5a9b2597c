import {
  deliveryOf,
  jsonContent,
  readFolder,
  type ProviderFixtures,
} from '../../contracts/provider-fixtures.ts'
import { libraryAccepts } from '../standard-webhooks.ts'

/** The deliveries of Standard Webhooks, with the library of its authors as the judge of signatures. */
export function standardWebhooksFixtures(): ProviderFixtures {
  const { deliveries, keys } = readFolder('standard-webhooks')
  const credential = (name: string): string => {
    const { secret, public_key_prefixed: publicKey } = keys[name]!
    return (secret ?? publicKey)!
  }
  return {
    deliveries,
    credential,
    credentials: ({ config, expect }, rotated) => {
      const added = rotated ? undefined : expect.needs_config?.public_keys
      const names = [config.secrets ?? [], added ?? []] as string[][]
      return names.flat().map(credential)
    },
    settings: () => ({}),
    vendorAccepts: async (delivery, secret) => libraryAccepts(delivery, secret),
    signedParts: (fixture) => {
      const { headers } = deliveryOf(fixture)
      // Beside the signature that matches there may stand another one, which is then not looked at.
      const signed = Object.keys(headers).filter(
        (name) => /-(?:id|timestamp|signature)$/.test(name) && !String(headers[name]).includes(' '),
      )
      return ['body', ...signed]
    },
    content: jsonContent,
  }
}
