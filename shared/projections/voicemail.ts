import { claimsOf, mergeClaims, unsay, valueOf, type Claims, type Stamp } from './registers.ts'
import type { Agent, CallEvent, EventType } from '../events/index.ts'

/** What the first event to say it decides. */
interface Firsts {
  provider: string
  from: string
  to: string
  /** When it was left. */
  received: string
}

/** What the last event to say it decides. */
interface Lasts {
  told: true
  url: string
  duration: number
  transcript: string
  /** For whom it was left. */
  agent: Agent
  heard: boolean
  markedAt: string
  markedBy: string
}

/** All that is known of a voicemail: like a `CallState`, the same whatever comes first or twice. */
export interface VoicemailState {
  readonly firsts: Claims<Firsts>
  readonly lasts: Claims<Lasts>
}

/** A voicemail as clients see it. */
export interface VoicemailRecord {
  readonly id: string
  /** The call it was left in, where the provider says so. */
  readonly call: string | null
  /** The missed call it seems to belong to, where the provider does not; the next event may know better. */
  readonly linked_call: string | null
  readonly from: string | null
  readonly to: string | null
  readonly provider: string
  readonly url: string | null
  readonly duration_ms: number | null
  readonly transcript: string | null
  readonly received_at: string
  /** For whom it was left, in the words of the provider. */
  readonly agent: Agent | null
  readonly heard: boolean
  /** When somebody said last that it was heard, or was not after all; and who, by the `sub`. */
  readonly marked_at: string | null
  readonly marked_by: string | null
}

/**
 * What tells a voicemail from every other one: where it can be heard, without what signs the address; else the id of
 * its recording, its call, or the event itself; its own id for an event that says it was heard. Null for an event that
 * is about none.
 */
export function voicemailKeyOf(event: CallEvent): string | null {
  const { id, type, provider, callId, details } = event
  if (type === 'voicemail.heard') return textOf(details['voicemail'])
  const recording = textOf(details['voicemail_recording_id']) ?? textOf(details['recording_id'])
  if (!isLeft(type) && !isTranscribed(event, recording)) return null
  const url = textOf(details['url'])?.replace(/[?#].*$/s, '')
  const parts = url ? ['url', url] : recording ? ['recording', recording] : ['call', callId ?? id]
  return JSON.stringify([provider, ...parts])
}

function isLeft(type: EventType): boolean {
  return type === 'voicemail.received' || type === 'voicemail.uploaded'
}

/** A call is transcribed too; of a voicemail more is told than of a call. */
function isTranscribed({ type, callId, details }: CallEvent, recording: string | null): boolean {
  if (type !== 'transcript.saved') return false
  return callId === null || recording !== null || 'external_number' in details
}

/** Lifts one event to the state of a voicemail of which nothing else is known. */
export function voicemailOf(event: CallEvent): VoicemailState {
  const at: Stamp = [event.time, event.order, event.id]
  if (event.type === 'voicemail.heard') return { firsts: [], lasts: claimsOf(at, hearingOf(event)) }
  const { from, to, agent, details } = event
  const firsts: Partial<Firsts> = { provider: event.provider }
  if (from !== null) firsts.from = from
  if (to !== null) firsts.to = to
  if (event.type === 'voicemail.received') firsts.received = event.time
  const lasts: Partial<Lasts> = { told: true }
  const [url, transcript] = [textOf(details['url']), textOf(details['text'])]
  if (url !== null) lasts.url = url
  if (transcript !== null) lasts.transcript = transcript
  if (agent) lasts.agent = { id: agent.id, email: agent.email, name: agent.name }
  if (typeof details['duration_ms'] === 'number') lasts.duration = details['duration_ms']
  return { firsts: claimsOf(at, firsts), lasts: claimsOf(at, lasts) }
}

function hearingOf({ time, details }: CallEvent): Partial<Lasts> {
  const by = textOf(details['by'])
  return { heard: details['heard'] === true, markedAt: time, ...(by !== null && { markedBy: by }) }
}

/** Everything both sides know: commutative, associative and idempotent. */
export function mergeVoicemails(a: VoicemailState, b: VoicemailState): VoicemailState {
  return {
    firsts: mergeClaims(a.firsts, b.firsts, 'first'),
    lasts: mergeClaims(a.lasts, b.lasts, 'last'),
  }
}

/** The state without a phone number, and without what was said if it had it; the very same one if it never did. */
export function forgetCaller(state: VoicemailState, number: string): VoicemailState {
  const firsts = unsay(state.firsts, number)
  if (firsts === state.firsts) return state
  const lasts = state.lasts.flatMap(({ at, said: { told, heard, markedAt, markedBy } }) =>
    claimsOf<Lasts>(at, {
      ...(told !== undefined && { told }),
      ...(heard !== undefined && { heard }),
      ...(markedAt !== undefined && { markedAt }),
      ...(markedBy !== undefined && { markedBy }),
    }),
  )
  return { firsts, lasts }
}

/** What the journal knows of a voicemail besides its events. */
export type VoicemailPlace = Pick<VoicemailRecord, 'id' | 'call' | 'linked_call'>

/** What a state amounts to. */
export function voicemailRecordOf(
  { firsts, lasts }: VoicemailState,
  { id, call, linked_call }: VoicemailPlace,
): VoicemailRecord {
  return {
    id,
    call,
    linked_call,
    from: valueOf(firsts, 'from'),
    to: valueOf(firsts, 'to'),
    provider: valueOf(firsts, 'provider') ?? '',
    url: valueOf(lasts, 'url'),
    duration_ms: valueOf(lasts, 'duration'),
    transcript: valueOf(lasts, 'transcript'),
    received_at: valueOf(firsts, 'received') ?? firsts[0]?.at[0] ?? '',
    agent: valueOf(lasts, 'agent'),
    heard: valueOf(lasts, 'heard') ?? false,
    marked_at: valueOf(lasts, 'markedAt'),
    marked_by: valueOf(lasts, 'markedBy'),
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
