import { test } from 'tap'
import { vonage } from '@switchhook/shared/providers/vonage'
import type { CallEvent } from '@switchhook/shared/events'
import type { Normalised } from '@switchhook/shared/providers'

const receivedAt = '2026-01-02T03:04:05.678Z'
const timestamp = '2026-09-21T14:13:24.500Z'
const url = 'https://calls.example.com/webhooks/vonage'
const leg = { uuid: 'u', conversation_uuid: 'CON-1', timestamp }

function readText(text: string): Normalised {
  const body = Buffer.from(text)
  return vonage.normalise({ method: 'POST', url, headers: {}, body }, receivedAt)
}

function eventOf(fields: object): CallEvent | undefined {
  const meaning = readText(JSON.stringify({ ...leg, ...fields }))
  return meaning.ok ? meaning.events[0] : undefined
}

function keyOf(fields: object): string {
  const meaning = readText(JSON.stringify({ ...leg, ...fields }))
  return meaning.ok ? meaning.dedupeKey : meaning.detail
}

test('every status with a name of ours has it', async (t) => {
  for (const [status, type] of [
    ['started', 'call.initiated'],
    ['ringing', 'call.ringing'],
    ['answered', 'call.answered'],
    ['busy', 'call.hangup'],
    ['cancelled', 'call.hangup'],
    ['failed', 'call.hangup'],
    ['rejected', 'call.hangup'],
    ['disconnected', 'call.hangup'],
    ['completed', 'call.hangup'],
    ['timeout', 'call.missed'],
    ['unanswered', 'call.missed'],
  ] as const) {
    const event = eventOf({ status })
    t.match(event, { type, rawType: status, id: `vonage:u:${status}:2026-09-21T14%3A13%3A24.500Z` })
    const isEnd = type === 'call.hangup' || type === 'call.missed'
    t.strictSame(event?.details, isEnd && status !== 'completed' ? { cause: status } : {})
  }
  for (const status of ['machine', 'human']) {
    t.match(eventOf({ status }), { type: 'call.machine.detected', details: { result: status } })
  }
})

test('a call that is completed tells how long it was and what it cost', async (t) => {
  const told = { status: 'completed', duration: '26', price: '0.00450000', disconnected_by: 'user' }
  t.strictSame(eventOf(told)?.details, {
    cause_source: 'user',
    duration_ms: 26_000,
    amount: '0.00450000',
  })
  const failed = { status: 'failed', sip_code: 404, duration: 'long', price: 'free' }
  t.strictSame(eventOf(failed)?.details, { cause: 'failed', sip_code: 404 })
})

test('what was pressed and said is one event', async (t) => {
  const speech = { results: [{ text: 'sales', confidence: '0.9' }, { text: 'sails' }] }
  const gathered = eventOf({ dtmf: { digits: '12', timed_out: true }, speech })
  t.match(gathered, { type: 'call.gather.ended', rawType: 'input' })
  t.strictSame(gathered?.details, { digits: '12', text: 'sales', status: 'timeout' })
  t.strictSame(eventOf({ dtmf: '8' })?.details, { digits: '8' })
  t.strictSame(eventOf({ dtmf: { digits: '', timed_out: false } })?.details, {})
  for (const results of [undefined, [], [7], {}]) {
    t.match(eventOf({ speech: { results } }), { type: 'call.gather.ended' })
  }
})

test('a recording and its transcript go by the id of the recording', async (t) => {
  const recording = {
    recording_url: 'https://r.test/1',
    recording_uuid: 'r1',
    start_time: '2026-09-21T14:13:24Z',
    end_time: '2026-09-21T14:13:50Z',
  }
  t.match(eventOf(recording), { type: 'call.recording.saved', id: 'vonage:recording:r1' })
  t.strictSame(eventOf(recording)?.details, {
    url: 'https://r.test/1',
    recording_id: 'r1',
    duration_ms: 26_000,
  })
  const backwards = { ...recording, end_time: 'x' }
  t.notOk('duration_ms' in eventOf(backwards)!.details)
  const transcript = { transcription_url: 'https://r.test/2', recording_uuid: 'r1', status: 'x' }
  t.match(eventOf(transcript), { type: 'transcript.saved', id: 'vonage:transcription:r1' })
  for (const link of ['javascript:alert(1)', '', 7]) {
    t.match(eventOf({ recording_url: link, transcription_url: link }), { type: 'provider.event' })
  }
})

test('a leg that moves makes two conversations one call', async (t) => {
  const moved = {
    conversation_uuid: undefined,
    conversation_uuid_from: 'CON-1',
    conversation_uuid_to: 'CON-2',
  }
  const event = eventOf(moved)
  t.match(event, {
    type: 'call.transferred',
    callId: 'CON-1',
    legId: 'u',
    details: { to: 'CON-2' },
  })
  t.strictSame(event?.joins, ['CON-2', 'u'])
  t.strictSame(event?.providerIds, {
    conversation_uuid_from: 'CON-1',
    conversation_uuid_to: 'CON-2',
    uuid: 'u',
  })
})

test('a conversation is the call, and joins its leg', async (t) => {
  t.match(eventOf({ status: 'ringing' }), { callId: 'CON-1', legId: 'u', joins: ['u'] })
  const alone = eventOf({ status: 'ringing', conversation_uuid: null })
  t.match(alone, { callId: 'u', legId: 'u' })
  t.strictSame(alone?.joins, [])
  const none = eventOf({ status: 'ringing', conversation_uuid: null, uuid: null })
  t.match(none, { callId: null, legId: null })
})

test('numbers get their plus sign, all else stays as it is', async (t) => {
  const from = (address: unknown) => eventOf({ status: 'ringing', from: address })?.from
  t.equal(from('12025550133'), '+12025550133')
  t.equal(from('1202555'), '+1202555')
  for (const other of ['120255', '1'.repeat(16), 'sip:a@b.test', '+12025550133']) {
    t.equal(from(other), other)
  }
  for (const none of ['Unknown', 'Restricted', '', null, 7, undefined]) t.equal(from(none), null)
})

test('a fact without an id, a leg or a time is known by its bytes', async (t) => {
  t.match(keyOf({ status: 'answered', timestamp: null }), /^CON-1:answered:[\da-f]{32}$/)
  t.match(keyOf({ uuid: null, payload: { a: 1 } }), /^CON-1:unnamed:[\da-f]{32}$/)
  t.not(keyOf({ uuid: null, payload: 1 }), keyOf({ uuid: null, payload: 2 }))
  t.match(keyOf({ recording_url: 'https://r.test' }), /^CON-1:record:[\da-f]{32}$/)
  t.ok(keyOf({ uuid: 'x'.repeat(5000) }).length <= 128)
})

test('what has no name of ours comes with its body, without what opens anything', async (t) => {
  for (const status of ['unheard_of', '__proto__', 'constructor', 'a\0b']) {
    const event = eventOf({ status, api_key: 's3cret' })
    t.match(event, { type: 'provider.event', details: { payload: { uuid: 'u' } } })
    t.notOk(JSON.stringify(event).includes('s3cret'))
  }
  t.match(eventOf({ type: 'audio:mute:on' }), { rawType: 'audio:mute:on' })
  t.match(eventOf({ status: 7, type: {} }), { type: 'provider.event', rawType: '7' })
})

test('the time is the one that is told, or ours', async (t) => {
  t.equal(eventOf({ status: 'ringing' })?.time, timestamp)
  t.equal(eventOf({ status: 'ringing', timestamp: 'soon' })?.time, receivedAt)
})

test('what is no object of JSON means nothing', async (t) => {
  for (const text of ['', '{', 'a=b']) {
    t.match(readText(text), { ok: false, reason: 'unparseable_body' })
  }
  for (const text of ['[]', '7', 'null', '"x"']) {
    t.match(readText(text), { ok: false, reason: 'schema' })
  }
})

test('three thousand levels are no harm', async (t) => {
  const deep = `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`
  const meaning = readText(`{"uuid":"u","status":"odd","x":${deep}}`)
  t.match(meaning, { events: [{ type: 'provider.event' }] })
  t.doesNotThrow(() => JSON.stringify(meaning))
})
