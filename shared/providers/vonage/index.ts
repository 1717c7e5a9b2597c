import type { Provider } from '../contract.ts'
import { normalise } from './normalise.ts'
import { Settings } from './settings.ts'
import { simulator } from './simulate.ts'
import { checkCredential, verifier } from './verify.ts'

/** Vonage Voice: a JWT by HS256 in the header, which holds a hash of the body or of the query; JSON. */
export const vonage: Provider<Settings> = {
  name: 'vonage',
  credentialName: 'VONAGE_SIGNATURE_SECRET',
  methods: ['GET', 'POST'],
  Settings,
  checkCredential,
  verifier,
  normalise,
  simulator,
}
