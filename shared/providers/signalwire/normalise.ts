import { normaliseForm } from '../cxml/normalise.ts'
import { looksLikeJson } from '../cxml/signature.ts'
import { normaliseRelay } from './relay.ts'
import type { Delivery, Normalised } from '../contract.ts'

/** Turns one request into events: a cXML callback, which is a form, or what RELAY and SWML tell in JSON. */
export function normalise(delivery: Delivery, receivedAt: string): Normalised {
  return looksLikeJson(delivery.body)
    ? normaliseRelay(delivery.body, receivedAt)
    : normaliseForm({ provider: 'signalwire' }, delivery, receivedAt)
}
