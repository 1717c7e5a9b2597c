import type { EventType } from '../../events/index.ts'
import { addressOf, unnamedDetails } from '../call-fields.ts'
import { withoutSecrets } from '../secret-fields.ts'
import { fieldsOf, idText, plainText, webAddress, type Fields } from '../untrusted.ts'
import { callIdOf, eventTimeOf, roundedMs } from './fields.ts'

/** One event of a delivery; a detail that is null was not said. */
export interface Said {
  readonly type: EventType
  readonly details: Fields
}

type Reader = (fields: Fields) => readonly Said[]

const mostRecordings = 16
/** What tells a delivery without a state: an agent went on or off duty. */
const agentStatus = 'agent_status'
/** `transcription` is that of a voicemail, `call_transcription` that of a call. */
const voicemailStates = new Set(['voicemail', 'voicemail_uploaded', 'transcription'])
/** By `state`. What is not listed is a `provider.event`. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['calling', plain('call.initiated')],
  ['preanswer', plain('call.initiated')],
  ['ringing', plain('call.ringing')],
  ['queued', queued],
  ['connected', connected],
  ['hold', plain('call.held')],
  ['merged', plain('call.bridged')],
  ['parked', plain('call.parked')],
  ['hangup', ended('call.hangup', null)],
  ['missed', ended('call.missed', 'missed')],
  ['recording', recorded],
  ['admin_recording', recorded],
  ['voicemail', voicemail('voicemail.received')],
  ['voicemail_uploaded', voicemail('voicemail.uploaded')],
  ['transcription', (fields) => transcribed(fields, linkOf(fields))],
  ['call_transcription', (fields) => transcribed(fields, {})],
  ['recap_summary', summarised],
  [agentStatus, onDuty],
])

/** The name of what happened; an agent's status comes without one, and so do events of other subscriptions. */
export function stateOf(fields: Fields): string {
  const state = typeof fields.state === 'string' ? idText(fields.state) : null
  if (state !== null && state !== agentStatus) return state
  return plainText(fields.on_duty_status) === null ? 'unnamed' : agentStatus
}

/** Whether it is told of a voicemail, whose call may have no id. */
export function isOfVoicemail(state: string): boolean {
  return voicemailStates.has(state)
}

/** What a delivery says, at least one event. */
export function meaningOf(state: string, fields: Fields): readonly Said[] {
  const read = readers.get(state)
  if (read) return read(fields)
  return [{ type: 'provider.event', details: withoutSecrets(unnamedDetails(state, fields)) }]
}

function plain(type: EventType): Reader {
  return () => [{ type, details: {} }]
}

function queued({ target }: Fields): Said[] {
  return [{ type: 'call.queued', details: { queue: plainText(fieldsOf(target)?.name) } }]
}

/** `connected` comes again after a hold. A leg is transferred when it is answered, not each time it says so. */
function connected(fields: Fields): Said[] {
  if (wasHeld(fields)) return [{ type: 'call.resumed', details: {} }]
  const answered: Said = { type: 'call.answered', details: {} }
  if (fields.is_transferred !== true) return [answered]
  const to = addressOf(fields.internal_number)
  return [answered, { type: 'call.transferred', details: { to } }]
}

/** A call that was on hold since it was connected has been connected for as long at least; a transferred leg has not. */
function wasHeld(fields: Fields): boolean {
  const [heldMs, eventMs] = [roundedMs(fields.hold_time), eventTimeOf(fields)]
  const connectedMs = eventTimeOf({ event_timestamp: fields.date_connected })
  if (heldMs === null || heldMs === 0 || eventMs === null || connectedMs === null) return false
  return eventMs - connectedMs >= heldMs
}

function ended(type: EventType, cause: string | null): Reader {
  return ({ duration }) => [{ type, details: { cause, duration_ms: roundedMs(duration) } }]
}

/** Links are only there if the API key may export recordings. */
function recorded(fields: Fields): Said[] {
  const entries: unknown[] = Array.isArray(fields.recording_details) ? fields.recording_details : []
  const recordings = entries
    .slice(0, mostRecordings)
    .map(fieldsOf)
    .filter((recording) => recording !== null)
    .map(savedRecording)
  return recordings.length > 0 ? recordings : [{ type: 'call.recording.saved', details: {} }]
}

function savedRecording({ url, id, duration }: Fields): Said {
  const details = {
    url: webAddress(url),
    recording_id: callIdOf(id),
    duration_ms: roundedMs(duration),
  }
  return { type: 'call.recording.saved', details }
}

function voicemail(type: EventType): Reader {
  return (fields) => {
    const { duration, transcription_text: text } = fields
    const details = { duration_ms: roundedMs(duration), text: plainText(text) }
    return [{ type, details: { ...details, ...linkOf(fields) } }]
  }
}

function transcribed({ transcription_text: text }: Fields, link: Fields): Said[] {
  return [{ type: 'transcript.saved', details: { text: plainText(text), ...link } }]
}

/** What finds the call of a voicemail that names none. */
function linkOf(fields: Fields): Fields {
  return {
    url: webAddress(fields.voicemail_link),
    external_number: addressOf(fields.external_number),
    target_id: callIdOf(fieldsOf(fields.target)?.id),
    voicemail_recording_id: callIdOf(fields.voicemail_recording_id),
  }
}

function summarised({ recap_summary: summary }: Fields): Said[] {
  return [{ type: 'call.summary.ready', details: { summary: plainText(summary) } }]
}

function onDuty(fields: Fields): Said[] {
  const details = {
    status: plainText(fields.on_duty_status),
    availability: plainText(fields.availability_status),
    reason: plainText(fields.on_duty_status_reason),
  }
  return [{ type: 'agent.status.changed', details }]
}
