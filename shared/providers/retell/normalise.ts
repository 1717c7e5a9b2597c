import { createHash } from 'node:crypto'
import { addressOf, directionOf, present, unnamedDetails } from '../call-fields.ts'
import { eventId, naturalKey } from '../natural-key.ts'
import { parseJson } from '../parse-json.ts'
import { withoutSecrets } from '../secret-fields.ts'
import { timeOfMs } from '../unix-time.ts'
import { fieldsOf, idText, type Fields } from '../untrusted.ts'
import { happensOnce, readerOf, type Said } from './meanings.ts'
import type { CallEvent } from '../../events/index.ts'
import type { Delivery, Normalised } from '../contract.ts'

const hashDigits = 32

/**
 * Turns one webhook (https://docs.retellai.com/features/webhook-overview) into events. The dedupe key is the call and
 * the event, with a hash of the body where a call has several of the kind. What has no name of ours, or no call, is a
 * `provider.event` with the body. Only the beginning and the end of a call have a time; `receivedAt` (RFC 3339) stands in
 * for the others: the signed time is that of the attempt.
 */
export function normalise({ body }: Delivery, receivedAt: string): Normalised {
  let parsed: unknown
  try {
    parsed = parseJson(body)
  } catch {
    // The parser's own message quotes the body, which may hold numbers and names.
    return { ok: false, reason: 'unparseable_body', detail: 'the body is not JSON' }
  }
  const fields = fieldsOf(parsed)
  if (!fields) return { ok: false, reason: 'schema', detail: 'the body is not an object' }
  const rawType = typeof fields.event === 'string' ? idText(fields.event) : null
  if (rawType === null) return { ok: false, reason: 'schema', detail: 'event is missing' }
  const call = callOf(fieldsOf(fields.call) ?? {})
  const isKnownByName = call.callId !== null && happensOnce(rawType)
  const dedupeKey = naturalKey(call.callId, rawType, ...(isKnownByName ? [] : [hashOf(body)]))
  const events = saidIn(fields, rawType, call.callId !== null).map(
    ({ type, unixMs, details }, index): CallEvent => ({
      id: eventId('retell', dedupeKey, index),
      type,
      provider: 'retell',
      ...timeOfMs(unixMs, receivedAt),
      ...call,
      agent: null,
      details: present(Object.entries(details)),
      rawType,
    }),
  )
  return { ok: true, dedupeKey, events }
}

function saidIn(fields: Fields, rawType: string, isOfCall: boolean): readonly Said[] {
  const read = isOfCall ? readerOf(rawType) : null
  if (read) return read(fieldsOf(fields.call) ?? {})
  const details = withoutSecrets(unnamedDetails(rawType, fields))
  return [{ type: 'provider.event', unixMs: null, details }]
}

/** A call has one leg; the carrier's own id of it is passed on where the carrier is Twilio. */
function callOf(call: Fields) {
  const callId = idText(call.call_id)
  const sid = idText(fieldsOf(call.telephony_identifier)?.twilio_call_sid)
  return {
    callId,
    providerIds: present([
      ['call_id', callId],
      ['twilio_call_sid', sid],
    ]),
    joins: sid === null || sid === callId ? [] : [sid],
    legId: callId,
    direction: directionOf(call.direction),
    from: addressOf(call.from_number),
    to: addressOf(call.to_number),
  }
}

function hashOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex').slice(0, hashDigits)
}
