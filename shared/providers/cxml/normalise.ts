import type { CallEvent } from '../../events/index.ts'
import { addressOf, directionOf, present, timeOf, unnamedDetails } from '../call-fields.ts'
import { deliveredForm, formDigest, formFields, parameter, type Form } from '../form.ts'
import { eventId, naturalKey } from '../natural-key.ts'
import { idText, wholeNumber } from '../untrusted.ts'
import { meaningOf, type Get, type Meaning, type Said } from './meanings.ts'
import type { Delivery, Normalised } from '../contract.ts'

/** A callback that has been read, and of whom it is. */
interface Callback {
  readonly provider: string
  readonly form: Form
  readonly get: Get
  readonly receivedAt: string
}

export interface Sender {
  readonly provider: string
  /** A header that is the same in all attempts, in lower case. It is not signed, so it is the last resort. */
  readonly tokenHeader?: string
}

// RFC 2822 §3.3, as the callbacks write it.
const mailTime = /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:[+-]\d{4}|GMT)$/
const nameFields = ['StatusCallbackEvent', 'TranscriptionEvent', 'RecordingStatus', 'CallStatus']
/** A withheld number in the letters of the keys: anonymous, restricted, blocked, unknown, unavailable. */
const keypadWords = new Set(['266696687', '7378742833', '2562533', '8656696', '86282452253'])

/**
 * Turns one form callback into events: call progress, recordings, gathered digits, machine detection, transcripts.
 * What has no name of ours is a `provider.event` with all its parameters. The dedupe key is CallSid, CallStatus and
 * SequenceNumber, or what else names the fact; where nothing does, the sender's token, then what the form says.
 */
export function normaliseForm(sender: Sender, delivery: Delivery, receivedAt: string): Normalised {
  const form = deliveredForm(delivery)
  if (!form) return { ok: false, reason: 'unparseable_body', detail: 'the body is not a form' }
  if (form.size === 0) return { ok: false, reason: 'schema', detail: 'there are no parameters' }
  const get: Get = (name) => parameter(form, name)
  const callback: Callback = { provider: sender.provider, form, get, receivedAt }
  const { key, said } = (get('CallSid') && meaningOf(get)) || unnamed(callback)
  const token = sender.tokenHeader === undefined ? null : delivery.headers[sender.tokenHeader]
  const lastResort = idText(token) ?? formDigest(form)
  const dedupeKey = naturalKey(...(key ?? [get('CallSid'), said[0]?.rawType ?? '', lastResort]))
  const events = said.map((one, index) =>
    eventOf(one, callback, eventId(sender.provider, dedupeKey, index)),
  )
  return { ok: true, dedupeKey, events }
}

/** What is about no call, or has no name of ours; a recording has an id, and most others are numbered. */
function unnamed({ form, get }: Callback): Meaning {
  const rawType = nameFields.map((field) => idText(get(field))).find((name) => name !== null)
  const name = rawType ?? 'callback'
  const details = unnamedDetails(name, formFields(form))
  const [subject, sequence] = [get('ConferenceSid') ?? get('CallSid'), get('SequenceNumber')]
  const [recording, outcome] = [get('RecordingSid'), get('RecordingStatus')]
  const numbered = subject === null || sequence === null ? null : [subject, name, sequence]
  return {
    key: recording === null || outcome === null ? numbered : [recording, outcome],
    said: [{ type: 'provider.event', rawType: name, details }],
  }
}

function eventOf({ type, rawType, details, at }: Said, callback: Callback, id: string): CallEvent {
  const { provider, get, receivedAt } = callback
  const [callSid, parentSid] = [idText(get('CallSid')), idText(get('ParentCallSid'))]
  const [callId = null, ...joins] = new Set([parentSid ?? [], callSid ?? []].flat())
  return {
    id,
    type,
    provider,
    time: timeOf(rfc3339(at ?? get('Timestamp')), receivedAt).time,
    order: wholeNumber(get('SequenceNumber')) ?? 0,
    callId,
    providerIds: present([
      ['CallSid', callSid],
      ['ParentCallSid', parentSid],
      ['RecordingSid', idText(get('RecordingSid'))],
    ]),
    joins,
    legId: callSid,
    direction: directionOf(get('Direction')?.replace(/^outbound-(?:api|dial)$/, 'outbound')),
    from: partyOf(get('From')),
    to: partyOf(get('To')),
    agent: null,
    details,
    rawType: idText(rawType) ?? type,
  }
}

function partyOf(address: string | null): string | null {
  return keypadWords.has((address ?? '').replace(/^\+/, '')) ? null : addressOf(address)
}

function rfc3339(time: string | null): string | null {
  if (time === null || !mailTime.test(time)) return time
  const ms = Date.parse(time)
  return Number.isNaN(ms) ? null : new Date(ms).toISOString()
}
