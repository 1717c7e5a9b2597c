import { dialpadFixtures } from './dialpad.ts'
import { plivoFixtures } from './plivo.ts'
import { retellFixtures } from './retell.ts'
import { signalwireFixtures } from './signalwire.ts'
import { standardWebhooksFixtures } from './standard-webhooks.ts'
import { telnyxFixtures } from './telnyx.ts'
import { twilioFixtures } from './twilio.ts'
import { vapiFixtures } from './vapi.ts'
import { vonageFixtures } from './vonage.ts'
import type { Provider } from '@switchhook/shared/providers'
import type { ProviderFixtures } from '../../contracts/provider-fixtures.ts'

const byName: Readonly<Record<string, () => ProviderFixtures>> = {
  dialpad: dialpadFixtures,
  plivo: plivoFixtures,
  retell: retellFixtures,
  signalwire: signalwireFixtures,
  'standard-webhooks': standardWebhooksFixtures,
  telnyx: telnyxFixtures,
  twilio: twilioFixtures,
  vapi: vapiFixtures,
  vonage: vonageFixtures,
}

/** The signed deliveries of a provider, and what must become of them. */
export function fixturesOf({ name }: Provider): ProviderFixtures {
  return byName[name]!()
}
