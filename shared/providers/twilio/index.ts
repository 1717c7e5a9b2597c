import { Type } from 'typebox'
import type { Provider } from '../contract.ts'
import { normalise } from './normalise.ts'
import { simulator } from './simulate.ts'
import { checkCredential, verifier } from './verify.ts'

const publicUrl = Type.String({
  pattern: '^https?://[^\\s?#]+$',
  env: 'TWILIO_PUBLIC_URL',
  description:
    'The exact URL Twilio calls, without a query: Twilio signs it. PUBLIC_URL and the path if not set.',
})

/** Twilio Voice: HMAC-SHA1 over the URL and the sorted parameters, forms; Event Streams as JSON. */
export const twilio: Provider = {
  name: 'twilio',
  credentialName: 'TWILIO_AUTH_TOKEN',
  methods: ['GET', 'POST'],
  Settings: Type.Object({ publicUrl: Type.Optional(publicUrl) }),
  checkCredential,
  verifier,
  normalise,
  simulator,
}
