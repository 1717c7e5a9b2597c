import type { CallEvent } from '../../events/index.ts'
import { addressOf, directionOf, present } from '../call-fields.ts'
import { deliveredForm, formDigest, parameter, type Form } from '../form.ts'
import { eventId, naturalKey } from '../natural-key.ts'
import { idText } from '../untrusted.ts'
import { meaningOf, type Said } from './meanings.ts'
import { nonceHeader } from './verify.ts'
import type { Delivery, Normalised } from '../contract.ts'

const plainNumber = /^\d{7,15}$/

/**
 * Turns one request into events. The dedupe key is CallUUID, Event and CallStatus, or the id of a recording; where
 * nothing names the fact, the nonce, which is signed.
 *
 * Plivo tells no time of ringing and answering, and those of a hangup are of its own clock: times are all ours, lest a
 * call end before it began.
 */
export function normalise(delivery: Delivery, receivedAt: string): Normalised {
  const form = deliveredForm(delivery)
  if (!form) return { ok: false, reason: 'unparseable_body', detail: 'the body is not a form' }
  if (form.size === 0) return { ok: false, reason: 'schema', detail: 'there are no parameters' }
  const { key, said } = meaningOf(form)
  const nonce = idText(delivery.headers[nonceHeader])
  const dedupeKey = naturalKey(
    ...(key ?? [parameter(form, 'CallUUID'), 'nonce', nonce ?? formDigest(form)]),
  )
  const events = said.map((one, index) =>
    eventOf(one, form, { id: eventId('plivo', dedupeKey, index), receivedAt }),
  )
  return { ok: true, dedupeKey, events }
}

function eventOf(
  { type, rawType, details }: Said,
  form: Form,
  { id, receivedAt }: { id: string; receivedAt: string },
): CallEvent {
  const get = (name: string): string | null => parameter(form, name)
  const [callUuid, aLegUuid] = [idText(get('CallUUID')), idText(get('ALegUUID'))]
  const [callId = null, ...joins] = new Set([aLegUuid ?? [], callUuid ?? []].flat())
  return {
    id,
    type,
    provider: 'plivo',
    time: receivedAt,
    order: 0,
    callId,
    providerIds: present([
      ['CallUUID', callUuid],
      ['ALegUUID', aLegUuid],
      ['ALegRequestUUID', idText(get('ALegRequestUUID'))],
    ]),
    joins,
    legId: callUuid,
    direction: directionOf(get('Direction')),
    from: partyOf(get('From')),
    to: partyOf(get('To')),
    agent: null,
    details,
    rawType,
  }
}

/** Plivo writes numbers without their plus sign. */
function partyOf(address: string | null): string | null {
  return address !== null && plainNumber.test(address) ? `+${address}` : addressOf(address)
}
