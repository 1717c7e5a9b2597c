import { Value } from 'typebox/value'
import { dialpad } from './dialpad/index.ts'
import { plivo } from './plivo/index.ts'
import { retell } from './retell/index.ts'
import { signalwire } from './signalwire/index.ts'
import { standardWebhooks } from './standard-webhooks/index.ts'
import { telnyx } from './telnyx/index.ts'
import { twilio } from './twilio/index.ts'
import { vapi } from './vapi/index.ts'
import { vonage } from './vonage/index.ts'
import type { Provider } from './contract.ts'

export { parseJson } from './parse-json.ts'
export type {
  Delivery,
  Keys,
  Method,
  Normalised,
  Proven,
  Provider,
  Refusal,
  SampleDelivery,
  SampleOptions,
  SignedDelivery,
  Signing,
  Simulator,
  Verdict,
  Verifier,
} from './contract.ts'

export const providers: readonly Provider[] = [
  telnyx,
  dialpad,
  vapi,
  twilio,
  signalwire,
  vonage,
  plivo,
  retell,
  standardWebhooks,
]

/** The settings an endpoint has that is told nothing. */
export function defaultSettings({ Settings }: Provider): object {
  return Value.Create(Settings)
}
