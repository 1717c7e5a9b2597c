import type { CallEvent } from '../../events/index.ts'
import { addressOf, directionOf, present, timeOf, unnamedDetails } from '../call-fields.ts'
import type { Delivery, Normalised } from '../contract.ts'
import { parseJson } from '../parse-json.ts'
import { fieldsOf, idText, type Fields } from '../untrusted.ts'
import { meanings, transcription, type Meaning } from './event-types.ts'

const idFields = ['call_session_id', 'call_leg_id', 'call_control_id']

/** An envelope whose event has a name, an id and a payload. */
interface Envelope {
  readonly eventType: string
  readonly id: string
  readonly occurredAt: unknown
  readonly payload: Fields
}

/**
 * Turns one webhook (https://developers.telnyx.com/docs/development/api-fundamentals/webhooks) into
 * one event. `data.id` is the dedupe key: `meta` changes with every attempt, and so do the bytes.
 * What has no name of ours is a `provider.event` with its payload, at most 100 levels of it.
 * `receivedAt` (RFC 3339) stands in for a time that is absent or unreadable.
 */
export function normalise({ body }: Delivery, receivedAt: string): Normalised {
  let parsed: unknown
  try {
    parsed = parseJson(body)
  } catch {
    // The parser's own message quotes the body, which may hold numbers and names.
    return { ok: false, reason: 'unparseable_body', detail: 'the body is not JSON' }
  }
  const envelope = readEnvelope(parsed)
  if (typeof envelope === 'string') return { ok: false, reason: 'schema', detail: envelope }
  const event = eventOf(envelope, receivedAt)
  if (event.type !== 'provider.event' && event.callId === null) {
    return { ok: false, reason: 'schema', detail: 'data.payload names no call' }
  }
  return { ok: true, dedupeKey: envelope.id, events: [event] }
}

/** @returns the envelope, or what is wrong with it */
function readEnvelope(parsed: unknown): Envelope | string {
  const data = fieldsOf(fieldsOf(parsed)?.data)
  if (!data) return 'data is not an object'
  const eventType = idText(typeof data.event_type === 'string' ? data.event_type : null)
  if (eventType === null) return 'data.event_type is missing'
  const id = idText(data.id)
  if (id === null) return 'data.id is missing'
  const payload = fieldsOf(data.payload)
  if (!payload) return 'data.payload is not an object'
  return { eventType, id, occurredAt: data.occurred_at, payload }
}

function eventOf({ eventType, id, occurredAt, payload }: Envelope, receivedAt: string): CallEvent {
  const { type, details } = meaningOf(eventType, payload)
  const ids = present(idFields.map((field) => [field, idText(payload[field])]))
  const [callId = null, ...joins] = new Set(idFields.flatMap((field) => ids[field] ?? []))
  return {
    id: `telnyx:${id}`,
    type,
    provider: 'telnyx',
    ...timeOf(occurredAt, receivedAt),
    callId,
    providerIds: ids,
    joins,
    legId: ids.call_leg_id ?? null,
    direction: directionOf(payload.direction),
    from: addressOf(payload.from),
    to: addressOf(payload.to),
    agent: null,
    details: present(Object.entries(details(payload))),
    rawType: eventType,
  }
}

function meaningOf(eventType: string, payload: Fields): Meaning {
  if (eventType === 'call.transcription') return transcription(payload)
  const unnamed = (): Fields => unnamedDetails(eventType, payload)
  return meanings.get(eventType) ?? { type: 'provider.event', details: unnamed }
}
