import { createHash } from 'node:crypto'
import { addressOf, directionOf, present, timeOf } from '../call-fields.ts'
import { eventId, naturalKey } from '../natural-key.ts'
import { parseJson } from '../parse-json.ts'
import { fieldsOf, idText, type Fields } from '../untrusted.ts'
import { meaningOf } from './meanings.ts'
import { queryFields, signedContent } from './query.ts'
import type { CallEvent } from '../../events/index.ts'
import type { Delivery, Normalised } from '../contract.ts'

const plainNumber = /^\d{7,15}$/
const hashDigits = 32

/**
 * Turns one webhook (https://developer.vonage.com/en/voice/voice-api/webhook-reference) into its event. The dedupe key is
 * the leg, the status and the time, or the id of a recording; where nothing names the fact, the conversation and a hash.
 * The token's own id is that of the attempt, so it is no key.
 */
export function normalise(delivery: Delivery, receivedAt: string): Normalised {
  const fields = read(delivery)
  if (!fields || 'ok' in fields) {
    return fields ?? { ok: false, reason: 'schema', detail: 'the body is not an object' }
  }
  const { type, rawType, details, key } = meaningOf(fields.said)
  const hash = createHash('sha256')
    .update(signedContent(delivery) ?? '')
    .digest('hex')
  const parties = partiesOf(fields.said)
  const dedupeKey = naturalKey(...(key ?? [parties.callId, rawType, hash.slice(0, hashDigits)]))
  const event: CallEvent = {
    id: eventId('vonage', dedupeKey),
    type,
    provider: 'vonage',
    ...timeOf(fields.said.timestamp, receivedAt),
    ...parties,
    agent: null,
    details,
    rawType,
  }
  return { ok: true, dedupeKey, events: [event] }
}

/** The fields of a body or a query; null if they are none. */
function read(delivery: Delivery): { said: Fields } | Extract<Normalised, { ok: false }> | null {
  if (delivery.method === 'GET') {
    const said = queryFields(delivery)
    return said && { said }
  }
  try {
    const said = fieldsOf(parseJson(delivery.body))
    return said && { said }
  } catch {
    // The parser's own message quotes the body, which may hold numbers and names.
    return { ok: false, reason: 'unparseable_body', detail: 'the body is not JSON' }
  }
}

/** A conversation is the call; a leg that is moved to another one makes both the same call of people. */
function partiesOf(fields: Fields) {
  const ids = ['conversation_uuid', 'conversation_uuid_from', 'conversation_uuid_to', 'uuid'].map(
    (name): [string, string | null] => [name, idText(fields[name])],
  )
  const providerIds = present(ids)
  const [callId = null, ...joins] = new Set(Object.values(providerIds))
  return {
    callId,
    legId: idText(fields.uuid),
    providerIds,
    joins,
    direction: directionOf(fields.direction),
    from: partyOf(fields.from),
    to: partyOf(fields.to),
  }
}

/** Vonage writes numbers without their plus sign. */
function partyOf(address: unknown): string | null {
  const isPlain = typeof address === 'string' && plainNumber.test(address)
  return isPlain ? `+${address}` : addressOf(address)
}
