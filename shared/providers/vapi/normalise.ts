import { createHash } from 'node:crypto'
import { present, unnamedDetails } from '../call-fields.ts'
import { eventId, naturalKey } from '../natural-key.ts'
import { parseJson } from '../parse-json.ts'
import { withoutSecrets } from '../secret-fields.ts'
import { timeOfMs } from '../unix-time.ts'
import { fieldsOf, idText, type Fields } from '../untrusted.ts'
import { callOf } from './call.ts'
import { meaningOf } from './meanings.ts'
import type { CallEvent } from '../../events/index.ts'
import type { Delivery, Normalised } from '../contract.ts'

const hashDigits = 32

/**
 * Turns one server message (https://docs.vapi.ai/server-url/events) into one event. Messages have no id: the dedupe key
 * is the call, the type, the time and a hash of the body, of which a retry has the same. What has no name of ours, or no
 * call, is a `provider.event` with the message; the addresses at which anybody can listen to a call and steer it are in
 * no event. `receivedAt` (RFC 3339) stands in for a time that is absent or unreadable.
 */
export function normalise({ body }: Delivery, receivedAt: string): Normalised {
  let parsed: unknown
  try {
    parsed = parseJson(body)
  } catch {
    // The parser's own message quotes the body, which may hold numbers and names.
    return { ok: false, reason: 'unparseable_body', detail: 'the body is not JSON' }
  }
  const message = fieldsOf(fieldsOf(parsed)?.message)
  if (!message) return { ok: false, reason: 'schema', detail: 'message is not an object' }
  const rawType = typeof message.type === 'string' ? idText(message.type) : null
  if (rawType === null) return { ok: false, reason: 'schema', detail: 'message.type is missing' }
  const call = callOf(message)
  const hash = createHash('sha256').update(body).digest('hex').slice(0, hashDigits)
  const dedupeKey = naturalKey(call.callId, rawType, idText(message.timestamp), hash)
  const event: CallEvent = {
    id: eventId('vapi', dedupeKey),
    provider: 'vapi',
    ...timeOfMs(message.timestamp, receivedAt),
    ...call,
    agent: null,
    rawType,
    ...said(message, rawType, call.callId !== null),
  }
  return { ok: true, dedupeKey, events: [event] }
}

function said(
  message: Fields,
  rawType: string,
  isOfCall: boolean,
): Pick<CallEvent, 'type' | 'details'> {
  const meaning = isOfCall ? meaningOf(message) : null
  if (!meaning) {
    const details = withoutSecrets(unnamedDetails(rawType, message))
    return { type: 'provider.event', details }
  }
  return { type: meaning.type, details: present(Object.entries(meaning.details(message))) }
}
