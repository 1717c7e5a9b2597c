import type { EventType } from '../../events/index.ts'
import { present, unnamedDetails } from '../call-fields.ts'
import { withoutSecrets } from '../secret-fields.ts'
import {
  decimalText,
  fieldsOf,
  idText,
  plainText,
  webAddress,
  wholeNumber,
  type Fields,
} from '../untrusted.ts'

/** What a delivery says. */
export interface Meaning {
  readonly type: EventType
  /** The provider's own name of it. */
  readonly rawType: string
  readonly details: Fields
  /** What together with the kind names it; null if nothing does. */
  readonly key: readonly string[] | null
}

type Reader = (fields: Fields) => Meaning | null

/** By `status`, of a leg. */
const statuses: ReadonlyMap<string, EventType> = new Map<string, EventType>([
  ['started', 'call.initiated'],
  ['ringing', 'call.ringing'],
  ['answered', 'call.answered'],
  ['machine', 'call.machine.detected'],
  ['human', 'call.machine.detected'],
  ['busy', 'call.hangup'],
  ['cancelled', 'call.hangup'],
  ['failed', 'call.hangup'],
  ['rejected', 'call.hangup'],
  ['disconnected', 'call.hangup'],
  ['completed', 'call.hangup'],
  ['timeout', 'call.missed'],
  ['unanswered', 'call.missed'],
])
/** In turn: what is not about the state of a leg may name one, too. */
const readers: readonly Reader[] = [transcript, recording, transferred, gathered, status]

/** What a delivery says; a `provider.event` with all of it if it has no name of ours. */
export function meaningOf(fields: Fields): Meaning {
  for (const read of readers) {
    const meaning = read(fields)
    if (meaning) return meaning
  }
  const rawType = idText(fields.status) ?? idText(fields.type) ?? 'unnamed'
  const details = withoutSecrets(unnamedDetails(rawType, fields))
  return { type: 'provider.event', rawType, details, key: stateKey(fields, rawType) }
}

function transcript(fields: Fields): Meaning | null {
  const url = webAddress(fields.transcription_url)
  if (url === null) return null
  const id = idText(fields.recording_uuid)
  const key = id === null ? null : ['transcription', id]
  return { type: 'transcript.saved', rawType: 'transcription', details: { url }, key }
}

/** It has no status of a leg, and is of the whole conversation. */
function recording(fields: Fields): Meaning | null {
  const url = webAddress(fields.recording_url)
  if (url === null) return null
  const id = idText(fields.recording_uuid)
  const details = present<unknown>([
    ['url', url],
    ['recording_id', id],
    ['duration_ms', between(fields.start_time, fields.end_time)],
  ])
  const key = id === null ? null : ['recording', id]
  return { type: 'call.recording.saved', rawType: 'record', details, key }
}

function transferred(fields: Fields): Meaning | null {
  const to = idText(fields.conversation_uuid_to)
  if (to === null) return null
  const details = present([['to', to]])
  return {
    type: 'call.transferred',
    rawType: 'transfer',
    details,
    key: stateKey(fields, 'transfer'),
  }
}

/** Digits are text in the older form; nothing may have been pressed or said. */
function gathered(fields: Fields): Meaning | null {
  const { dtmf, speech } = fields
  const [pressed, heard] = [fieldsOf(dtmf), fieldsOf(speech)]
  const isGathered = pressed !== null || heard !== null || typeof dtmf === 'string'
  if (!isGathered) return null
  const results: unknown = heard?.results
  const best = Array.isArray(results) ? fieldsOf((results as unknown[])[0]) : null
  const details = present<unknown>([
    ['digits', plainText(pressed?.digits) ?? plainText(dtmf)],
    ['text', plainText(best?.text)],
    ['status', pressed?.timed_out === true ? 'timeout' : null],
  ])
  return { type: 'call.gather.ended', rawType: 'input', details, key: stateKey(fields, 'input') }
}

function status(fields: Fields): Meaning | null {
  const rawType = typeof fields.status === 'string' ? fields.status : ''
  const type = statuses.get(rawType)
  if (type === undefined) return null
  const details = detailsOf(type, rawType, fields)
  return { type, rawType, details, key: stateKey(fields, rawType) }
}

function detailsOf(type: EventType, rawType: string, fields: Fields): Fields {
  if (type === 'call.machine.detected') return { result: rawType }
  if (type !== 'call.hangup' && type !== 'call.missed') return {}
  return present<unknown>([
    // A call that ran its course has no cause.
    ['cause', rawType === 'completed' ? null : rawType],
    ['cause_source', plainText(fields.disconnected_by)],
    ['sip_code', wholeNumber(fields.sip_code)],
    ['duration_ms', milliseconds(fields.duration)],
    ['amount', decimalText(fields.price)],
  ])
}

/** The same state of a leg is told again by a retry, and by nothing else at that time. */
function stateKey(fields: Fields, rawType: string): string[] | null {
  const uuid = idText(fields.uuid)
  const timestamp = idText(fields.timestamp)
  return uuid === null || timestamp === null ? null : [uuid, rawType, timestamp]
}

function milliseconds(seconds: unknown): number | null {
  const whole = wholeNumber(seconds)
  return whole === null ? null : whole * 1000
}

function between(start: unknown, end: unknown): number | null {
  const [startMs, endMs] = [start, end].map((time) =>
    typeof time === 'string' ? Date.parse(time) : Number.NaN,
  )
  const ms = Number(endMs) - Number(startMs)
  return ms >= 0 ? ms : null
}
