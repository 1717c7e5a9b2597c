import type { CallEvent } from '../../events/index.ts'
import { present, timeOf, unnamedDetails } from '../call-fields.ts'
import { hashOf } from '../cxml/signature.ts'
import { eventId, naturalKey } from '../natural-key.ts'
import { parseJson } from '../parse-json.ts'
import { fieldsOf, idText, type Fields } from '../untrusted.ts'
import type { Normalised } from '../contract.ts'

const mostEvents = 1000
const callSid = /^CA[0-9a-f]{32}$/

/**
 * Turns a batch of CloudEvents (https://www.twilio.com/docs/events/webhook-quickstart), at most 1,000, into one
 * `provider.event` each. Their ids together are the dedupe key. `receivedAt` (RFC 3339) stands in for times that were
 * not told.
 */
export function normaliseStream(body: Buffer, receivedAt: string): Normalised {
  let parsed: unknown
  try {
    parsed = parseJson(body)
  } catch {
    // The parser's own message quotes the body, which may hold numbers and names.
    return { ok: false, reason: 'unparseable_body', detail: 'the body is not JSON' }
  }
  const entries = (Array.isArray(parsed) ? (parsed as unknown[]) : [parsed])
    .map(fieldsOf)
    .filter((entry) => entry !== null)
  if (entries.length === 0) return { ok: false, reason: 'schema', detail: 'there is no event' }
  if (entries.length > mostEvents) {
    return { ok: false, reason: 'schema', detail: `there are more than ${mostEvents} events` }
  }
  const ids = entries.map(({ id }) => idText(id))
  const dedupeKey = naturalKey(...(ids.includes(null) ? ['body', hashOf(body)] : ids))
  const events = entries.map((entry, index) =>
    eventOf(entry, eventId('twilio', dedupeKey, index), receivedAt),
  )
  return { ok: true, dedupeKey, events }
}

function eventOf(entry: Fields, id: string, receivedAt: string): CallEvent {
  const rawType = idText(entry.type) ?? 'event'
  const sid = idText(fieldsOf(entry.data)?.sid)
  const callId = sid !== null && callSid.test(sid) ? sid : null
  return {
    id,
    type: 'provider.event',
    provider: 'twilio',
    ...timeOf(entry.time, receivedAt),
    callId,
    providerIds: present([['CallSid', callId]]),
    joins: [],
    legId: callId,
    direction: null,
    from: null,
    to: null,
    agent: null,
    details: unnamedDetails(rawType, entry),
    rawType,
  }
}
