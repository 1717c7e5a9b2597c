import { createHash } from 'node:crypto'
import { present } from '../call-fields.ts'
import { eventId, naturalKey } from '../natural-key.ts'
import { parseJson } from '../parse-json.ts'
import { timeOfMs } from '../unix-time.ts'
import { fieldsOf, idText, type Fields } from '../untrusted.ts'
import { contentOf } from './body.ts'
import { agentOf, callIdOf, eventTimeOf, partiesOf } from './fields.ts'
import { isOfVoicemail, meaningOf, stateOf } from './meanings.ts'
import type { CallEvent } from '../../events/index.ts'
import type { Delivery, Normalised } from '../contract.ts'

const hashDigits = 32

/**
 * Turns one delivery (https://developers.dialpad.com/docs/call-events-logging) into events. The dedupe key is the call, the
 * state and the time of the event; without a call, also what tells two voicemails apart; a hash of the payload where even
 * those are not said.
 */
export function normalise({ body }: Delivery, receivedAt: string): Normalised {
  const content = contentOf(body)
  let parsed: unknown
  try {
    parsed = parseJson(content)
  } catch {
    // The parser's own message quotes the body, which may hold numbers and names.
    return { ok: false, reason: 'unparseable_body', detail: 'the payload is not JSON' }
  }
  const fields = fieldsOf(parsed)
  if (!fields) return { ok: false, reason: 'schema', detail: 'the payload is not an object' }
  const state = stateOf(fields)
  const eventMs = eventTimeOf(fields)
  const dedupeKey = naturalKey(...keyOf(state, fields, content))
  const common = {
    provider: 'dialpad',
    ...timeOfMs(eventMs, receivedAt),
    ...partiesOf(fields, isOfVoicemail(state)),
    agent: agentOf(fields),
    rawType: state,
  }
  const events = meaningOf(state, fields).map(({ type, details }, index): CallEvent => {
    const said = present(Object.entries(details))
    return { id: eventId('dialpad', dedupeKey, index), type, ...common, details: said }
  })
  return { ok: true, dedupeKey, events }
}

/** Keys in another order, or another attempt, are the same event. */
function keyOf(state: string, fields: Fields, content: Buffer): (string | number | null)[] {
  const callId = callIdOf(fields.call_id)
  const eventMs = eventTimeOf(fields)
  const key = [callId, state, eventMs]
  const hash = createHash('sha256').update(content).digest('hex').slice(0, hashDigits)
  if (eventMs === null) return [...key, hash]
  if (callId !== null) return key
  const { external_number: number, target, voicemail_link: link } = fields
  const told = [number, fieldsOf(target)?.id, link].map(idText)
  return told.some((text) => text !== null) ? [...key, ...told] : [...key, hash]
}
