import { normaliseForm } from '../cxml/normalise.ts'
import { promisedHash } from '../cxml/signature.ts'
import { normaliseStream } from './event-streams.ts'
import type { Delivery, Normalised } from '../contract.ts'

export const tokenHeader = 'i-twilio-idempotency-token'

/**
 * Turns one request into events: a callback, which is a form, or a batch of Event Streams, which is JSON with its hash
 * in the URL.
 */
export function normalise(delivery: Delivery, receivedAt: string): Normalised {
  return promisedHash(delivery.url) === null
    ? normaliseForm({ provider: 'twilio', tokenHeader }, delivery, receivedAt)
    : normaliseStream(delivery.body, receivedAt)
}
