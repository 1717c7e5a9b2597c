import type { EventType } from '../../events/index.ts'
import {
  decimalText,
  fieldsOf,
  plainText,
  webAddress,
  wholeNumber,
  type Fields,
} from '../untrusted.ts'

/** What we call a Telnyx event, and what is special to it; a detail that is null was not said. */
export interface Meaning {
  readonly type: EventType
  readonly details: (payload: Fields) => Fields
}

const nothing = (): Fields => ({})
const channelCounts: ReadonlyMap<unknown, number> = new Map([
  ['single', 1],
  ['dual', 2],
])
/** By track: we are the outbound one. */
const roles: ReadonlyMap<unknown, string> = new Map([
  ['inbound', 'remote'],
  ['outbound', 'local'],
])

/** By `event_type` of the Voice API v2. What is not listed is a `provider.event`. */
export const meanings: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['call.initiated', { type: 'call.initiated', details: caller }],
  ['call.answered', { type: 'call.answered', details: nothing }],
  ['call.bridged', { type: 'call.bridged', details: nothing }],
  ['call.hangup', { type: 'call.hangup', details: hangup }],
  ['call.hold', { type: 'call.held', details: nothing }],
  ['call.unhold', { type: 'call.resumed', details: nothing }],
  ['call.enqueued', { type: 'call.queued', details: queue }],
  ['call.dequeued', { type: 'call.dequeued', details: queue }],
  ['call.refer.completed', { type: 'call.transferred', details: nothing }],
  ['call.dtmf.received', { type: 'dtmf.received', details: digit }],
  ['call.gather.ended', { type: 'call.gather.ended', details: gather }],
  ['call.speak.started', { type: 'call.speak.started', details: nothing }],
  ['call.speak.ended', { type: 'call.speak.ended', details: status }],
  ['call.playback.started', { type: 'call.playback.started', details: playback }],
  ['call.playback.ended', { type: 'call.playback.ended', details: playback }],
  ['call.recording.saved', { type: 'call.recording.saved', details: recording }],
  ['call.recording.error', { type: 'call.recording.failed', details: failure }],
  ['call.recording.transcription.saved', { type: 'transcript.saved', details: savedTranscript }],
  ['call.machine.detection.ended', { type: 'call.machine.detected', details: machine }],
  ['call.machine.premium.detection.ended', { type: 'call.machine.detected', details: machine }],
  ['call.cost', { type: 'call.cost', details: cost }],
])

/** `call.transcription` is one event in the provider's words and two in ours. */
export function transcription(payload: Fields): Meaning {
  const isFinal = fieldsOf(payload.transcription_data)?.is_final === true
  return { type: isFinal ? 'transcript.final' : 'transcript.partial', details: transcript }
}

function caller(payload: Fields): Fields {
  return { caller_name: plainText(payload.caller_id_name) }
}

function hangup(payload: Fields): Fields {
  return {
    cause: plainText(payload.hangup_cause),
    cause_source: plainText(payload.hangup_source),
    sip_code: wholeNumber(payload.sip_hangup_cause),
  }
}

function queue(payload: Fields): Fields {
  return { queue: plainText(payload.queue), position: wholeNumber(payload.current_position) }
}

function digit(payload: Fields): Fields {
  return { digit: plainText(payload.digit) }
}

function gather(payload: Fields): Fields {
  return { digits: plainText(payload.digits), status: plainText(payload.status) }
}

function status(payload: Fields): Fields {
  return { status: plainText(payload.status) }
}

function playback(payload: Fields): Fields {
  return { url: webAddress(payload.media_url), status: plainText(payload.status) }
}

/** The private link before the public one, mp3 before wav; `format` is that of the link. */
function recording(payload: Fields): Fields {
  const links = [payload.recording_urls, payload.public_recording_urls].flatMap((urls) =>
    ['mp3', 'wav'].map((format) => ({ format, url: webAddress(fieldsOf(urls)?.[format]) })),
  )
  const link = links.find(({ url }) => url !== null)
  const channels = channelCounts.get(payload.channels) ?? null
  return { url: link?.url ?? null, format: link?.format ?? null, channels }
}

function failure(payload: Fields): Fields {
  return { cause: plainText(payload.reason) }
}

function savedTranscript(payload: Fields): Fields {
  return { text: plainText(payload.transcription_text), status: plainText(payload.status) }
}

/** The premium detector tells homes from businesses and also hears fax machines and silence. */
function machine(payload: Fields): Fields {
  const result = plainText(payload.result) ?? ''
  if (result.startsWith('human')) return { result: 'human' }
  return { result: ['machine', 'fax_detected'].includes(result) ? 'machine' : 'unknown' }
}

function transcript(payload: Fields): Fields {
  const data = fieldsOf(payload.transcription_data)
  const role = roles.get(data?.transcription_track) ?? null
  return { text: plainText(data?.transcript), role }
}

function cost(payload: Fields): Fields {
  const [part] = Array.isArray(payload.cost_parts) ? (payload.cost_parts as unknown[]) : []
  return {
    amount: decimalText(payload.total_cost),
    currency: plainText(fieldsOf(part)?.currency),
  }
}
