import type { Provider } from '../contract.ts'
import { normalise } from './normalise.ts'
import { Settings } from './settings.ts'
import { simulator } from './simulate.ts'
import { checkCredential, verifier } from './verify.ts'

/** Dialpad event subscriptions: the body is a JWT by HS256 with the payload in it, or JSON with an HMAC in a header. */
export const dialpad: Provider<Settings> = {
  name: 'dialpad',
  credentialName: 'DIALPAD_WEBHOOK_SECRET',
  methods: ['POST'],
  Settings,
  checkCredential,
  verifier,
  normalise,
  simulator,
}
