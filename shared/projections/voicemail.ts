import { claimsOf, mergeClaims, unsay, valueOf, type Claims, type Stamp } from './registers.ts'
import type { CallEvent } from '../events/index.ts'

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
  heard: boolean
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
  readonly heard: boolean
}

/**
 * What tells a voicemail from every other one: where it can be heard, without what signs the address; else the id of
 * its recording, its call, or the event itself. Null for an event that is about none.
 */
export function voicemailKeyOf({ id, type, provider, callId, details }: CallEvent): string | null {
  const recording = textOf(details['voicemail_recording_id']) ?? textOf(details['recording_id'])
  const left = type === 'voicemail.received' || type === 'voicemail.uploaded'
  // A call is transcribed too; of a voicemail more is told than of a call.
  const ofVoicemail = callId === null || recording !== null || 'external_number' in details
  const transcribed = type === 'transcript.saved' && ofVoicemail
  if (!left && !transcribed) return null
  const url = textOf(details['url'])?.replace(/[?#].*$/s, '')
  const parts = url ? ['url', url] : recording ? ['recording', recording] : ['call', callId ?? id]
  return JSON.stringify([provider, ...parts])
}

/** Lifts one event to the state of a voicemail of which nothing else is known. */
export function voicemailOf(event: CallEvent): VoicemailState {
  const at: Stamp = [event.time, event.order, event.id]
  const { from, to, details } = event
  const firsts: Partial<Firsts> = { provider: event.provider }
  if (from !== null) firsts.from = from
  if (to !== null) firsts.to = to
  if (event.type === 'voicemail.received') firsts.received = event.time
  const lasts: Partial<Lasts> = { told: true }
  const [url, transcript] = [textOf(details['url']), textOf(details['text'])]
  if (url !== null) lasts.url = url
  if (transcript !== null) lasts.transcript = transcript
  if (typeof details['duration_ms'] === 'number') lasts.duration = details['duration_ms']
  return { firsts: claimsOf(at, firsts), lasts: claimsOf(at, lasts) }
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
  const { lasts } = state
  const [heard, at] = [valueOf(lasts, 'heard'), lasts[0]?.at]
  return { firsts, lasts: at ? claimsOf(at, { told: true, ...(heard !== null && { heard }) }) : [] }
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
    heard: valueOf(lasts, 'heard') ?? false,
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
