import { recordingOf } from './recording.ts'
import type { VoicemailRecord } from '@switchhook/shared/projections'
import type { Voicemail } from './schema.ts'

/** A voicemail as the API shows it. */
export function viewOf(record: VoicemailRecord, now = Date.now()): Voicemail {
  const { id, call, linked_call, from, to, provider, agent, received_at } = record
  const { duration_ms, transcript, heard, marked_at, marked_by } = record
  return {
    id,
    call: call ?? linked_call,
    linked: linked_call !== null,
    from,
    to,
    provider,
    agent,
    received_at,
    duration_ms,
    recording: recordingOf(record.url, now),
    transcript,
    heard,
    heard_at: heard ? marked_at : null,
    heard_by: heard ? marked_by : null,
  }
}
