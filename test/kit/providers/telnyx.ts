import { TelnyxWebhook } from 'telnyx/lib/webhooks'
import {
  jsonContent,
  readFolder,
  singleHeaders,
  type ProviderFixtures,
} from '../../contracts/provider-fixtures.ts'

/** The deliveries of Telnyx, with its own library as the judge of signatures. */
export function telnyxFixtures(): ProviderFixtures {
  const { deliveries, keys } = readFolder('telnyx')
  const credential = (name: string): string => keys[name]!.public_key_base64!
  return {
    deliveries,
    credential,
    credentials: ({ config, expect }, rotated) => {
      const added = rotated ? undefined : expect.needs_config?.public_keys
      return ((added ?? config.public_keys ?? []) as string[]).map(credential)
    },
    settings: () => ({}),
    vendorAccepts: ({ headers, body }, key) =>
      new TelnyxWebhook(key).verify(body.toString(), singleHeaders(headers)).then(
        () => true,
        () => false,
      ),
    signedParts: () => ['body', 'telnyx-signature-ed25519', 'telnyx-timestamp'],
    content: jsonContent,
  }
}
