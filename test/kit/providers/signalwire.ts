import { createRequire } from 'node:module'
import {
  formContent,
  formOf,
  readFolder,
  type ProviderFixtures,
} from '../../contracts/provider-fixtures.ts'
import type { Delivery } from '@switchhook/shared/providers'

// Its types are not exported.
const { validateRequest } = createRequire(import.meta.url)('@signalwire/web-api') as {
  validateRequest(key: string, header: string, url: string, rawBody: string): boolean
}
const header = 'x-signalwire-signature'

/** The deliveries of SignalWire, with its own library as the judge of signatures. */
export function signalwireFixtures(): ProviderFixtures {
  const { deliveries, keys } = readFolder('signalwire')
  const credential = (name: string): string => keys[name]!.auth_token!
  return {
    deliveries,
    credential,
    credentials: ({ config, expect }, rotated) => {
      const added = rotated ? undefined : expect.needs_config?.auth_tokens
      return ((added ?? config.auth_tokens) as string[]).map(credential)
    },
    settings: () => ({}),
    vendorAccepts: async (delivery, key) => signalwireAccepts(delivery, key),
    signedParts: () => ['body', 'url', header],
    content: formContent,
  }
}

/** The verdict of SignalWire's library, which is told the parameters of a form as JSON. */
export function signalwireAccepts(delivery: Delivery, key: string): boolean {
  const { url, headers, body } = delivery
  const isJson = body[0] === 0x7b
  const raw = isJson ? body.toString() : JSON.stringify(body.length > 0 ? formOf(delivery) : {})
  return validateRequest(key, String(headers[header] ?? ''), url, raw)
}
