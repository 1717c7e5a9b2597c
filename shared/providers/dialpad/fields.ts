import type { Agent, CallEvent } from '../../events/index.ts'
import { addressOf, directionOf, present } from '../call-fields.ts'
import { fieldsOf, idText, plainText, type Fields } from '../untrusted.ts'

/** The last millisecond of the year 9999. */
const latestMs = 253_402_300_799_999
/** Dialpad's names for the calls that make up one human call, the one that stands for all of them first. */
const callIdNames = [
  'entry_point_call_id',
  'master_call_id',
  'call_id',
  'operator_call_id',
] as const

type Party = Pick<
  CallEvent,
  'callId' | 'legId' | 'providerIds' | 'joins' | 'direction' | 'from' | 'to'
>

/** When an event happened, Unix milliseconds; null if it is not said, or is no time. */
export function eventTimeOf({ event_timestamp: time }: Fields): number | null {
  const ms = typeof time === 'string' && /^\d{1,15}$/.test(time) ? Number(time) : time
  return typeof ms === 'number' && ms >= 0 && ms <= latestMs ? ms : null
}

/** An id; Dialpad says null, an empty text or 0 where there is none. */
export function callIdOf(value: unknown): string | null {
  const id = idText(value)
  return id === '0' ? null : id
}

/** Durations are milliseconds with a fraction. */
export function roundedMs(value: unknown): number | null {
  const ms = typeof value === 'number' ? Math.round(value) : null
  return ms !== null && Number.isSafeInteger(ms) && ms >= 0 ? ms : null
}

/** Which call it is, by all its ids, and who talks to whom. */
export function partiesOf(fields: Fields, isVoicemail: boolean): Party {
  const ids = callIdNames.map((name): [string, string | null] => [name, callIdOf(fields[name])])
  const providerIds = present(ids)
  const [callId = null, ...joins] = new Set(Object.values(providerIds))
  const direction = directionOf(fields.direction)
  const [external, internal] = [fields.external_number, fields.internal_number].map(addressOf)
  const isInbound = isVoicemail || direction === 'inbound'
  const [from, to] = isInbound ? [external, internal] : [internal, external]
  const isKnown = isInbound || direction === 'outbound'
  return {
    callId,
    legId: callIdOf(fields.call_id),
    providerIds,
    joins,
    direction,
    from: (isKnown && from) || null,
    to: (isKnown && to) || null,
  }
}

/** Whom it is for, if that is a person and no department, room or call centre. */
export function agentOf(fields: Fields): Agent | null {
  const target = fieldsOf(fields.target)
  if (target?.type !== 'user') return null
  return {
    id: callIdOf(target.id),
    email: plainText(target.email),
    name: plainText(target.name),
  }
}
