import type { EventType } from '../../events/index.ts'
import { present } from '../call-fields.ts'
import { plainText, webAddress, wholeNumber, type Fields } from '../untrusted.ts'

/** One event of a callback. */
export interface Said {
  readonly type: EventType
  readonly rawType: string
  readonly details: Fields
  /** When it happened, where another field than `Timestamp` tells it. */
  readonly at?: string | null
}

/** What a callback means. */
export interface Meaning {
  /** What together tells it from every other callback; null if nothing does. */
  readonly key: readonly string[] | null
  readonly said: readonly Said[]
}

/** The one value of a parameter, null if it is absent. */
export type Get = (name: string) => string | null

const statusTypes: ReadonlyMap<string, EventType> = new Map<string, EventType>([
  ['queued', 'call.initiated'],
  ['initiated', 'call.initiated'],
  ['ringing', 'call.ringing'],
  ['in-progress', 'call.answered'],
  ['answered', 'call.answered'],
  ['completed', 'call.hangup'],
  ['busy', 'call.hangup'],
  ['failed', 'call.hangup'],
  ['canceled', 'call.hangup'],
  ['no-answer', 'call.missed'],
])
const recordingTypes: ReadonlyMap<string, EventType> = new Map<string, EventType>([
  ['in-progress', 'call.recording.started'],
  ['completed', 'call.recording.saved'],
  ['failed', 'call.recording.failed'],
  ['absent', 'call.recording.failed'],
])
/** In turn: a callback about a recording names its call, too. */
const readers = [savedTranscript, recording, gather, status, machine]

/** What a callback means in our words; null if it has no meaning we know. */
export function meaningOf(get: Get): Meaning | null {
  for (const read of readers) {
    const meaning = read(get)
    if (meaning) return meaning
  }
  return null
}

/** Progress is numbered and ends with a duration; a document that asks how to go on does neither. */
function isProgress(get: Get): boolean {
  return get('SequenceNumber') !== null || get('CallDuration') !== null
}

function savedTranscript(get: Get): Meaning | null {
  const [sid, said] = [get('TranscriptionSid'), get('TranscriptionText')]
  if (sid === null || said === null) return null
  const outcome = get('TranscriptionStatus') ?? ''
  const details = present<unknown>([
    ['text', plainText(said)],
    ['status', plainText(outcome)],
  ])
  return {
    key: [sid, outcome],
    said: [{ type: 'transcript.saved', rawType: `transcription-${outcome}`, details }],
  }
}

function recording(get: Get): Meaning | null {
  const [sid, outcome] = [get('RecordingSid'), get('RecordingStatus')]
  if (sid === null) return null
  if (outcome === null) {
    // What follows a <Record> tells the link and nothing else.
    if (get('RecordingUrl') === null || isProgress(get)) return null
    return { key: [sid, ''], said: [savedRecording(get)] }
  }
  const type = recordingTypes.get(outcome)
  if (type === undefined) return null
  return { key: [sid, outcome], said: [recordingEvent(get, type, outcome)] }
}

function recordingEvent(get: Get, type: EventType, outcome: string): Said {
  const rawType = `recording-${outcome}`
  if (type === 'call.recording.saved') return { ...savedRecording(get), rawType }
  if (type === 'call.recording.failed') return { type, rawType, details: { cause: outcome } }
  return { type, rawType, details: {}, at: get('RecordingStartTime') }
}

function savedRecording(get: Get): Said {
  const details = present<unknown>([
    ['url', webAddress(get('RecordingUrl'))],
    ['duration_ms', milliseconds(get('RecordingDuration'))],
    ['channels', wholeNumber(get('RecordingChannels'))],
  ])
  return { type: 'call.recording.saved', rawType: 'recording', details }
}

function gather(get: Get): Meaning | null {
  const [digits, text] = [plainText(get('Digits')), plainText(get('SpeechResult'))]
  if ((digits ?? text) === null || isProgress(get)) return null
  const details = present<unknown>([
    ['digits', digits],
    ['text', text],
  ])
  return { key: null, said: [{ type: 'call.gather.ended', rawType: 'gather', details }] }
}

function status(get: Get): Meaning | null {
  const [sid, state] = [get('CallSid'), get('CallStatus')]
  const type = state === null ? undefined : statusTypes.get(state)
  if (sid === null || state === null || type === undefined) return null
  const said: Said[] = [{ type, rawType: state, details: statusDetails(get, type) }]
  if (type === 'call.answered' && get('AnsweredBy') !== null) said.push(detected(get))
  if (type === 'call.hangup' && get('RecordingUrl') !== null) said.push(savedRecording(get))
  return { key: [sid, state, get('SequenceNumber') ?? ''], said }
}

/** `Duration` counts minutes, `CallDuration` seconds. */
function statusDetails(get: Get, type: EventType): Fields {
  if (type === 'call.initiated')
    return present<unknown>([['caller_name', plainText(get('CallerName'))]])
  if (type !== 'call.hangup' && type !== 'call.missed') return {}
  return present<unknown>([
    ['cause', plainText(get('CallStatus'))],
    ['sip_code', wholeNumber(get('SipResponseCode'))],
    ['duration_ms', milliseconds(get('CallDuration'))],
  ])
}

/** The asynchronous detector tells of nothing but its result. */
function machine(get: Get): Meaning | null {
  const [sid, answeredBy] = [get('CallSid'), get('AnsweredBy')]
  if (sid === null || answeredBy === null || get('CallStatus') !== null) return null
  return { key: [sid, 'AnsweredBy', answeredBy], said: [detected(get)] }
}

function detected(get: Get): Said {
  const answeredBy = get('AnsweredBy') ?? ''
  const isMachine = answeredBy === 'fax' || answeredBy.startsWith('machine')
  const result = answeredBy === 'human' ? 'human' : isMachine ? 'machine' : 'unknown'
  return { type: 'call.machine.detected', rawType: `amd-${answeredBy}`, details: { result } }
}

function milliseconds(seconds: string | null): number | null {
  const whole = wholeNumber(seconds)
  return whole === null ? null : whole * 1000
}
