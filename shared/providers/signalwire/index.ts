import { Type } from 'typebox'
import type { Provider } from '../contract.ts'
import { normalise } from './normalise.ts'
import { simulator } from './simulate.ts'
import { checkCredential, verifier } from './verify.ts'

const publicUrl = Type.String({
  pattern: '^https?://[^\\s?#]+$',
  env: 'SIGNALWIRE_PUBLIC_URL',
  description:
    'The exact URL SignalWire calls, without a query: SignalWire signs it. PUBLIC_URL and the path if not set.',
})

/** SignalWire: cXML callbacks are forms, signed as Twilio does; RELAY and SWML are JSON, signed with the URL. */
export const signalwire: Provider = {
  name: 'signalwire',
  credentialName: 'SIGNALWIRE_SIGNING_KEY',
  methods: ['GET', 'POST'],
  Settings: Type.Object({ publicUrl: Type.Optional(publicUrl) }),
  checkCredential,
  verifier,
  normalise,
  simulator,
}
