import type { CallEvent, Direction } from '../../events/index.ts'
import type { Delivery, Normalised } from '../contract.ts'
import { parseJson } from '../parse-json.ts'
import { fieldsOf, idText, limitDepth, plainText, type Fields } from '../untrusted.ts'
import { meanings, transcription, type Meaning } from './event-types.ts'

const idFields = ['call_session_id', 'call_leg_id', 'call_control_id']
const payloadLevels = 100
// RFC 3339 §5.6; the group is what follows the millisecond.
const timestamp =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(?:\d{3}(\d{1,3})\d*|\d{1,3}))?(?:Z|[+-]\d\d:\d\d)$/
// A caller who withholds the number is the anonymous URI of RFC 3323 §4.1 in SIP, else one word.
const anonymousUri = /^(?:sips?:)?anonymous@/i
const withheld = new Set(
  'anonymous blocked private restricted unavailable unknown withheld'.split(' '),
)

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
  return {
    id: `telnyx:${id}`,
    type,
    provider: 'telnyx',
    ...timeOf(occurredAt, receivedAt),
    callId: idFields.map((field) => ids[field]).find((value) => value !== undefined) ?? null,
    providerIds: ids,
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
  const unnamed = (): Fields => ({
    provider_type: eventType,
    payload: limitDepth(payload, payloadLevels),
  })
  return meanings.get(eventType) ?? { type: 'provider.event', details: unnamed }
}

/** Leaves out what was not said. */
function present<T>(entries: readonly [string, T][]): Record<string, NonNullable<T>> {
  const said = entries.filter((entry): entry is [string, NonNullable<T>] => entry[1] !== null)
  return Object.fromEntries(said)
}

/** Truncated to the millisecond; the microseconds order what happened within one. */
function timeOf(occurredAt: unknown, receivedAt: string): { time: string; order: number } {
  const match = typeof occurredAt === 'string' ? timestamp.exec(occurredAt) : null
  const ms = match ? Date.parse(match[0]) : Number.NaN
  if (Number.isNaN(ms)) return { time: receivedAt, order: 0 }
  return { time: new Date(ms).toISOString(), order: Number((match?.[1] ?? '').padEnd(3, '0')) }
}

function directionOf(direction: unknown): Direction | null {
  if (direction === 'incoming' || direction === 'inbound') return 'inbound'
  return direction === 'outgoing' || direction === 'outbound' ? 'outbound' : null
}

function addressOf(address: unknown): string | null {
  const text = plainText(address)
  if (text === null || anonymousUri.test(text)) return null
  return withheld.has(text.toLowerCase().replace(/^\+/, '')) ? null : text
}
