import type { EventType } from '../../events/index.ts'
import { timeOf } from '../call-fields.ts'
import {
  decimalText,
  fieldsOf,
  plainText,
  webAddress,
  wholeNumber,
  type Fields,
} from '../untrusted.ts'

/** What we call a message of Vapi, and what is special to it; a detail that is null was not said. */
export interface Meaning {
  readonly type: EventType
  readonly details: (message: Fields) => Fields
}

type Meanings = ReadonlyMap<unknown, Meaning>

const nothing = (): Fields => ({})
const request: Meaning = { type: 'ai.request', details: nothing }
const transferred: Meaning = { type: 'call.transferred', details: transfer }
const finalTranscript: Meaning = { type: 'transcript.final', details: transcript }

/** By `type` of the message. What is not listed is a `provider.event`, and so is a state that is not listed below. */
const byType: Meanings = new Map<unknown, Meaning>([
  ['assistant-request', request],
  ['call.endpointing.request', request],
  ['handoff-destination-request', request],
  ['knowledge-base-request', request],
  ['tool-calls', request],
  ['transfer-destination-request', request],
  ['voice-request', request],
  ['conversation-update', { type: 'ai.conversation.updated', details: lastWords }],
  ['end-of-call-report', { type: 'call.summary.ready', details: report }],
  ['hang', { type: 'ai.delayed', details: nothing }],
  ['transcript[transcriptType="final"]', finalTranscript],
  ['transfer-update', transferred],
  ['user-interrupted', { type: 'ai.interrupted', details: nothing }],
])

/** By a second field, where the type alone does not tell what happened. */
const byState: ReadonlyMap<unknown, { readonly field: string; readonly meanings: Meanings }> =
  new Map([
    ['status-update', { field: 'status', meanings: statuses() }],
    ['speech-update', { field: 'status', meanings: speech() }],
    ['transcript', { field: 'transcriptType', meanings: transcripts() }],
  ])

/** What a message means; null if it has no name of ours. */
export function meaningOf(message: Fields): Meaning | null {
  const state = byState.get(message.type)
  return (state ? state.meanings.get(message[state.field]) : byType.get(message.type)) ?? null
}

function statuses(): Meanings {
  return new Map<unknown, Meaning>([
    ['scheduled', { type: 'call.initiated', details: caller }],
    ['queued', { type: 'call.initiated', details: caller }],
    ['ringing', { type: 'call.ringing', details: nothing }],
    ['in-progress', { type: 'call.answered', details: nothing }],
    ['forwarding', transferred],
    ['ended', { type: 'call.hangup', details: ending }],
  ])
}

function speech(): Meanings {
  return new Map<unknown, Meaning>([
    ['started', { type: 'ai.speech.started', details: turn }],
    ['stopped', { type: 'ai.speech.ended', details: turn }],
  ])
}

function transcripts(): Meanings {
  return new Map<unknown, Meaning>([
    ['partial', { type: 'transcript.partial', details: transcript }],
    ['final', finalTranscript],
  ])
}

function caller({ customer }: Fields): Fields {
  return { caller_name: plainText(fieldsOf(customer)?.name) }
}

function ending({ endedReason }: Fields): Fields {
  return { cause: plainText(endedReason) }
}

function transfer({ destination }: Fields): Fields {
  const { number, sipUri } = fieldsOf(destination) ?? {}
  return { to: plainText(number) ?? plainText(sipUri) }
}

function turn(message: Fields): Fields {
  return { role: roleOf(message.role), turn: wholeNumber(message.turn) }
}

function transcript(message: Fields): Fields {
  return { role: roleOf(message.role), text: plainText(message.transcript) }
}

/** A conversation comes whole every time; the last thing in it is what is new. */
function lastWords({ messages, messagesOpenAIFormatted: formatted }: Fields): Fields {
  const last = fieldsOf(lastOf(messages)) ?? fieldsOf(lastOf(formatted))
  return { role: roleOf(last?.role), text: plainText(last?.message) ?? plainText(last?.content) }
}

/** The report is one event, also where it tells of a recording and of the cost, which Vapi counts in dollars. */
function report(message: Fields): Fields {
  const artifact = fieldsOf(message.artifact)
  const mono = fieldsOf(fieldsOf(artifact?.recording)?.mono)
  const amount = decimalText(message.cost)
  return {
    summary: plainText(fieldsOf(message.analysis)?.summary) ?? plainText(message.summary),
    recording_url: webAddress(artifact?.recordingUrl) ?? webAddress(mono?.combinedUrl),
    duration_ms: durationOf(message),
    cause: plainText(message.endedReason),
    amount,
    currency: amount === null ? null : 'USD',
  }
}

function durationOf({ startedAt, endedAt }: Fields): number | null {
  const [start, end] = [startedAt, endedAt].map((at) => Date.parse(timeOf(at, '').time))
  const duration = end! - start!
  return duration >= 0 ? duration : null
}

function roleOf(role: unknown): string | null {
  return role === 'bot' ? 'assistant' : plainText(role)
}

function lastOf(list: unknown): unknown {
  return Array.isArray(list) ? (list as unknown[]).at(-1) : null
}
