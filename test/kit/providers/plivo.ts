import { validateV3Signature } from 'plivo'
import {
  deliveryOf,
  formContent,
  formOf,
  readFolder,
  type ProviderFixtures,
} from '../../contracts/provider-fixtures.ts'
import type { Delivery } from '@switchhook/shared/providers'

const signatureHeader = 'x-plivo-signature-v3'
const nonceHeader = 'x-plivo-signature-v3-nonce'

/** The deliveries of Plivo, with its own library as the judge of signatures. */
export function plivoFixtures(): ProviderFixtures {
  const { deliveries, keys } = readFolder('plivo')
  const credential = (name: string): string => keys[name]!.auth_token!
  return {
    deliveries,
    credential,
    credentials: ({ config }) => (config.auth_tokens as string[]).map(credential),
    settings: () => ({}),
    vendorAccepts: async (delivery, token) => plivoAccepts(delivery, token),
    signedParts: (fixture) => {
      // Beside the signature that matches there may stand another one, which is then not looked at.
      const several = String(deliveryOf(fixture).headers[signatureHeader]).includes(',')
      return ['body', 'url', nonceHeader, ...(several ? [] : [signatureHeader])]
    },
    content: formContent,
  }
}

/** The verdict of plivo-node, told the URL, the parameters and the nonce. */
export function plivoAccepts(delivery: Delivery, token: string): boolean {
  const { url, headers, body, method } = delivery
  const parameters = body.length > 0 ? formOf(delivery) : {}
  const [nonce, signature] = [nonceHeader, signatureHeader].map((name) => headers[name] ?? '')
  const verdict = validateV3Signature(
    method,
    url,
    String(nonce),
    token,
    String(signature),
    parameters,
  )
  return verdict === true
}
