import { validateRequest, validateRequestWithBody } from 'twilio/lib/webhooks/webhooks.js'
import {
  formContent,
  formOf,
  readFolder,
  singleHeaders,
  type ProviderFixtures,
} from '../../contracts/provider-fixtures.ts'
import type { Delivery } from '@switchhook/shared/providers'

const header = 'x-twilio-signature'

/** The deliveries of Twilio, with its own library as the judge of signatures. */
export function twilioFixtures(): ProviderFixtures {
  const { deliveries, keys } = readFolder('twilio')
  const credential = (name: string): string => keys[name]!.auth_token!
  return {
    deliveries,
    credential,
    credentials: ({ config, expect }, rotated) => {
      const added = rotated ? undefined : expect.needs_config?.auth_tokens
      return ((added ?? config.auth_tokens) as string[]).map(credential)
    },
    settings: () => ({}),
    vendorAccepts: async (delivery, token) => twilioAccepts(delivery, token),
    signedParts: () => ['body', 'url', header],
    content: formContent,
  }
}

/** The verdict of twilio-node, told the URL and the parameters. */
export function twilioAccepts(delivery: Delivery, token: string): boolean {
  const { url, headers, body } = delivery
  const signature = singleHeaders({ [header]: headers[header] ?? '' })[header]!
  if (url.includes('bodySHA256')) {
    return validateRequestWithBody(token, signature, url, body.toString())
  }
  return validateRequest(token, signature, url, body.length > 0 ? formOf(delivery) : {})
}
