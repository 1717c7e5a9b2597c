import { Type } from 'typebox'
import type { Provider } from '../contract.ts'
import { normalise } from './normalise.ts'
import { simulator } from './simulate.ts'
import { checkCredential, verifier } from './verify.ts'

/** Retell AI: HMAC-SHA256 over the body and a time in milliseconds, by an API key; JSON. */
export const retell: Provider = {
  name: 'retell',
  credentialName: 'RETELL_API_KEY',
  methods: ['POST'],
  Settings: Type.Object({}),
  checkCredential,
  verifier,
  normalise,
  simulator,
}
