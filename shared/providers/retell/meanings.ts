import type { EventType } from '../../events/index.ts'
import { fieldsOf, plainText, webAddress, wholeNumber, type Fields } from '../untrusted.ts'

/** One event of a delivery; a detail that is null was not said. */
export interface Said {
  readonly type: EventType
  /** The time the provider tells for it, Unix milliseconds; undefined or null if it tells none. */
  readonly unixMs: unknown
  readonly details: Fields
}

type Reader = (call: Fields) => readonly Said[]

/** By `event`. What is not listed is a `provider.event`. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['call_started', started],
  ['call_ended', ended],
  ['call_analyzed', analyzed],
  ['transcript_updated', transcript],
  ['transfer_started', transferred],
  ['transfer_bridged', transferred],
])
/** A call has each of these once. */
const once = new Set(['call_started', 'call_ended', 'call_analyzed'])
const roles: ReadonlyMap<unknown, string> = new Map([
  ['agent', 'assistant'],
  ['user', 'user'],
])

/** What an event says of a call; null if it has no name of ours. */
export function readerOf(event: string): Reader | null {
  return readers.get(event) ?? null
}

/** Whether the name of an event and its call tell it from every other one. */
export function happensOnce(event: string): boolean {
  return once.has(event)
}

function started({ start_timestamp: unixMs }: Fields): Said[] {
  return [{ type: 'call.answered', unixMs, details: {} }]
}

function ended(call: Fields): Said[] {
  const details = {
    cause: plainText(call.disconnection_reason),
    duration_ms: wholeNumber(call.duration_ms),
    recording_url: webAddress(call.recording_url),
  }
  return [{ type: 'call.hangup', unixMs: call.end_timestamp, details }]
}

/** Only the analysis knows whether a machine had answered. */
function analyzed(call: Fields): Said[] {
  const analysis = fieldsOf(call.call_analysis)
  const details = {
    summary: plainText(analysis?.call_summary),
    duration_ms: wholeNumber(call.duration_ms),
    recording_url: webAddress(call.recording_url),
  }
  const summary: Said = { type: 'call.summary.ready', unixMs: null, details }
  if (analysis?.in_voicemail !== true) return [summary]
  return [summary, { type: 'call.machine.detected', unixMs: null, details: { result: 'machine' } }]
}

/** The transcript comes whole every time; the last utterance is what is new. */
function transcript(call: Fields): Said[] {
  const utterances = call.transcript_object
  const last = Array.isArray(utterances) ? fieldsOf((utterances as unknown[]).at(-1)) : null
  const details = {
    role: roles.get(last?.role) ?? null,
    text: plainText(last?.content) ?? plainText(call.transcript),
  }
  return [{ type: 'transcript.partial', unixMs: null, details }]
}

/** The destination is a number or a SIP URI, or an object that has the number. */
function transferred({ transfer_destination: destination }: Fields): Said[] {
  const to = plainText(destination) ?? plainText(fieldsOf(destination)?.number)
  return [{ type: 'call.transferred', unixMs: null, details: { to } }]
}
