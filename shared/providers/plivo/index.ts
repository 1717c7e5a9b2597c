import { Type } from 'typebox'
import type { Provider } from '../contract.ts'
import { normalise } from './normalise.ts'
import { simulator } from './simulate.ts'
import { checkCredential, verifier } from './verify.ts'

const publicUrl = Type.String({
  pattern: '^https?://[^\\s?#]+$',
  env: 'PLIVO_PUBLIC_URL',
  description:
    'The exact URL Plivo calls, without a query: Plivo signs it. PUBLIC_URL and the path if not set.',
})

/** Plivo Voice: HMAC-SHA256 over the URL, the sorted parameters and a nonce; forms. */
export const plivo: Provider = {
  name: 'plivo',
  credentialName: 'PLIVO_AUTH_TOKEN',
  methods: ['GET', 'POST'],
  Settings: Type.Object({ publicUrl: Type.Optional(publicUrl) }),
  checkCredential,
  verifier,
  normalise,
  simulator,
}
