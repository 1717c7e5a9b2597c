import type { Provider } from '../contract.ts'
import { normalise } from './normalise.ts'
import { Settings } from './settings.ts'
import { simulator } from './simulate.ts'
import { awaitsAnswer } from './synchronous.ts'
import { checkCredential, verifier } from './verify.ts'

export { synchronousTypeOf, synchronousTypes, type SynchronousType } from './synchronous.ts'

/** Vapi server messages: a shared secret, a bearer token or an HMAC of any make; JSON, some of it to be answered. */
export const vapi: Provider<Settings> = {
  name: 'vapi',
  credentialName: 'VAPI_WEBHOOK_SECRET',
  methods: ['POST'],
  Settings,
  checkCredential,
  verifier,
  normalise,
  awaitsAnswer,
  simulator,
}
