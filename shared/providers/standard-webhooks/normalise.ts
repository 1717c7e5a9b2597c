import { eventTypes, type Agent, type CallEvent, type EventType } from '../../events/index.ts'
import { addressOf, directionOf, present, timeOf, unnamedDetails } from '../call-fields.ts'
import type { Delivery, Normalised } from '../contract.ts'
import { parseJson } from '../parse-json.ts'
import { fieldsOf, idText, plainText, type Fields } from '../untrusted.ts'
import { detailsOf } from './details.ts'
import { namesIn } from './headers.ts'

const ourTypes: ReadonlyMap<string, EventType> = new Map(eventTypes.map((type) => [type, type]))
/** What may be about an account or a mailbox; everything else is about a call. */
const withoutCall: ReadonlySet<EventType> = new Set<EventType>([
  'agent.status.changed',
  'provider.event',
  'voicemail.received',
  'voicemail.uploaded',
])

/** A delivery whose event has a name, an id and data. */
interface Envelope {
  readonly id: string
  readonly type: string
  readonly timestamp: unknown
  readonly data: Fields
}

/**
 * Turns one webhook of the recommended shape (§ Payload structure) into one event: `type` is an
 * event name of ours, `data` says who called whom in our field names. `webhook-id` is the dedupe
 * key: a retry has the same one, a new timestamp, and maybe other bytes. A type that is not ours is
 * a `provider.event` with its data. `receivedAt` (RFC 3339) stands in for an unreadable time.
 */
export function normalise({ headers, body }: Delivery, receivedAt: string): Normalised {
  let parsed: unknown
  try {
    parsed = parseJson(body)
  } catch {
    // The parser's own message quotes the body, which may hold numbers and names.
    return { ok: false, reason: 'unparseable_body', detail: 'the body is not JSON' }
  }
  const envelope = readEnvelope(parsed, headers[namesIn(headers).id])
  if (typeof envelope === 'string') return { ok: false, reason: 'schema', detail: envelope }
  const event = eventOf(envelope, receivedAt)
  if (event.callId === null && !withoutCall.has(event.type)) {
    return { ok: false, reason: 'schema', detail: 'data.call_id is missing' }
  }
  return { ok: true, dedupeKey: envelope.id, events: [event] }
}

/** @returns the envelope, or what is wrong with it */
function readEnvelope(parsed: unknown, messageId: unknown): Envelope | string {
  const body = fieldsOf(parsed)
  if (!body) return 'the body is not an object'
  const id = idText(messageId)
  if (id === null) return 'webhook-id is missing'
  const type = typeof body.type === 'string' ? idText(body.type) : null
  if (type === null) return 'type is missing'
  // The specification also allows the data squashed into the top level.
  const data = body.data === undefined ? body : fieldsOf(body.data)
  return data ? { id, type, timestamp: body.timestamp, data } : 'data is not an object'
}

function eventOf({ id, type: rawType, timestamp, data }: Envelope, receivedAt: string): CallEvent {
  const type = ourTypes.get(rawType) ?? 'provider.event'
  const callId = idText(data.call_id)
  const legId = idText(data.leg_id)
  const { time, order } = timeOf(timestamp, receivedAt)
  return {
    id: `standard-webhooks:${id}`,
    type,
    provider: 'standard-webhooks',
    time,
    order,
    callId,
    providerIds: present([
      ['call_id', callId],
      ['leg_id', legId],
    ]),
    joins: [],
    legId,
    direction: directionOf(data.direction),
    from: addressOf(data.from),
    to: addressOf(data.to),
    agent: agentOf(data.agent),
    details: type === 'provider.event' ? unnamedDetails(rawType, data) : detailsOf(data),
    rawType,
  }
}

function agentOf(value: unknown): Agent | null {
  const agent = fieldsOf(value)
  if (!agent) return null
  return { id: idText(agent.id), email: plainText(agent.email), name: plainText(agent.name) }
}
