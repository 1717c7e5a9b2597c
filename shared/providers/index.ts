import { standardWebhooks } from './standard-webhooks/index.ts'
import { telnyx } from './telnyx/index.ts'
import type { Provider } from './contract.ts'

export type {
  Delivery,
  Keys,
  Normalised,
  Provider,
  Refusal,
  SampleDelivery,
  SampleOptions,
  Simulator,
  Verdict,
  Verifier,
} from './contract.ts'

export const providers: readonly Provider[] = [telnyx, standardWebhooks]
