import { Type } from 'typebox'
import type { Provider } from '../contract.ts'
import { normalise } from './normalise.ts'
import { simulator } from './simulate.ts'
import { checkCredential, verifier } from './verify.ts'

/**
 * Any sender that follows Standard Webhooks 1.0.0 (https://www.standardwebhooks.com) and tells of
 * calls in our words: HMAC-SHA256 or Ed25519 over `id.timestamp.body`, JSON, one event per delivery.
 */
export const standardWebhooks: Provider = {
  name: 'standard-webhooks',
  credentialName: 'STANDARD_WEBHOOKS_SECRET',
  methods: ['POST'],
  Settings: Type.Object({}),
  checkCredential,
  verifier,
  normalise,
  simulator,
}
