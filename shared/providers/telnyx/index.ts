import { Type } from 'typebox'
import type { Provider } from '../contract.ts'
import { normalise } from './normalise.ts'
import { simulator } from './simulate.ts'
import { checkCredential, verifier } from './verify.ts'

/** Telnyx Voice API v2: Ed25519 over `timestamp|body`, JSON, one event per delivery. */
export const telnyx: Provider = {
  name: 'telnyx',
  credentialName: 'TELNYX_PUBLIC_KEY',
  methods: ['POST'],
  Settings: Type.Object({}),
  checkCredential,
  verifier,
  normalise,
  simulator,
}
