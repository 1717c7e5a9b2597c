import type { CallEvent, EventType } from '../../events/index.ts'
import { addressOf, directionOf, present, unnamedDetails } from '../call-fields.ts'
import { hashOf } from '../cxml/signature.ts'
import { eventId, naturalKey } from '../natural-key.ts'
import { parseJson } from '../parse-json.ts'
import { fieldsOf, idText, plainText, type Fields } from '../untrusted.ts'
import type { Normalised } from '../contract.ts'

const stateEvent = 'calling.call.state'
const stateTypes: ReadonlyMap<unknown, EventType> = new Map<unknown, EventType>([
  ['created', 'call.initiated'],
  ['ringing', 'call.ringing'],
  ['answered', 'call.answered'],
  ['ended', 'call.hangup'],
])
/** Unix seconds from here on would be a year beyond 5138, so they are milliseconds. */
const firstMilliseconds = 1e11

/** What was told: the name of the event, the call it is about, when. */
interface Told {
  readonly rawType: string
  readonly params: Fields
  readonly timestamp: unknown
  readonly body: Fields
}

/**
 * Turns a RELAY event (https://developer.signalwire.com, CallState) or the request for a SWML document, which has a
 * `call`, into one event. A call reaches a state once, so call and state are the dedupe key; anything else goes by its
 * time, and without one by its bytes. `receivedAt` (RFC 3339) stands in for a time that was not told.
 */
export function normaliseRelay(body: Buffer, receivedAt: string): Normalised {
  let parsed: unknown
  try {
    parsed = parseJson(body)
  } catch {
    // The parser's own message quotes the body, which may hold numbers and names.
    return { ok: false, reason: 'unparseable_body', detail: 'the body is not JSON' }
  }
  const fields = fieldsOf(parsed)
  if (!fields) return { ok: false, reason: 'schema', detail: 'the body is not an object' }
  const told = toldBy(fields)
  const type = typeOf(told)
  const dedupeKey = keyOf(told, type, body)
  return { ok: true, dedupeKey, events: [eventOf(told, type, { dedupeKey, receivedAt })] }
}

function toldBy(body: Fields): Told {
  const call = fieldsOf(body.call)
  if (call) return { rawType: stateEvent, params: call, timestamp: body.timestamp, body }
  const rawType = idText(body.event_type) ?? 'event'
  return { rawType, params: fieldsOf(body.params) ?? {}, timestamp: body.timestamp, body }
}

function typeOf({ rawType, params }: Told): EventType {
  if (rawType !== stateEvent || idText(params.call_id) === null) return 'provider.event'
  if (params.call_state === 'ended' && params.end_reason === 'noAnswer') return 'call.missed'
  return stateTypes.get(params.call_state) ?? 'provider.event'
}

function keyOf({ rawType, params, timestamp }: Told, type: EventType, body: Buffer): string {
  const callId = idText(params.call_id)
  if (type !== 'provider.event') return naturalKey(rawType, callId, idText(params.call_state))
  const last = callId === null ? null : idText(timestamp)
  return naturalKey(
    rawType,
    callId,
    idText(params.call_state ?? params.state),
    last ?? hashOf(body),
  )
}

function eventOf(
  { rawType, params, timestamp, body }: Told,
  type: EventType,
  { dedupeKey, receivedAt }: { dedupeKey: string; receivedAt: string },
): CallEvent {
  const legId = idText(params.call_id)
  const parentId = idText(fieldsOf(params.parent)?.call_id)
  const device = fieldsOf(fieldsOf(params.device)?.params)
  const [callId = null, ...joins] = new Set([parentId ?? [], legId ?? []].flat())
  return {
    id: eventId('signalwire', dedupeKey),
    type,
    provider: 'signalwire',
    ...unixTime(timestamp, receivedAt),
    callId,
    providerIds: present([
      ['call_id', legId],
      ['parent.call_id', parentId],
    ]),
    joins,
    legId,
    direction: directionOf(params.direction),
    from: addressOf(params.from ?? device?.from_number),
    to: addressOf(params.to ?? device?.to_number),
    agent: null,
    details: type === 'provider.event' ? unnamedDetails(rawType, body) : detailsOf(type, params),
    rawType,
  }
}

function detailsOf(type: EventType, params: Fields): Fields {
  const ended = type === 'call.hangup' || type === 'call.missed'
  return ended ? present([['cause', plainText(params.end_reason)]]) : {}
}

/** Unix time with a fraction; what is below the millisecond orders what happened within one. */
function unixTime(value: unknown, receivedAt: string): { time: string; order: number } {
  if (typeof value !== 'number') return { time: receivedAt, order: 0 }
  const micros = Math.floor(value * (value < firstMilliseconds ? 1e6 : 1e3))
  const moment = new Date(Math.floor(micros / 1000))
  if (value <= 0 || Number.isNaN(moment.valueOf())) return { time: receivedAt, order: 0 }
  return { time: moment.toISOString(), order: micros % 1000 }
}
