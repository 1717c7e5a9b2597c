import { test } from 'tap'
import { dialpad } from '@switchhook/shared/providers/dialpad'
import type { CallEvent } from '@switchhook/shared/events'
import type { Normalised } from '@switchhook/shared/providers'

const receivedAt = '2026-01-02T03:04:05.678Z'
const at = 1_790_000_000_000
const url = 'https://calls.example.com/webhooks/dialpad'
const target = { id: 5_171_365_938_069_504, type: 'user', email: 'a@example.com', name: 'Alex' }

function readText(text: string): Normalised {
  const body = Buffer.from(text)
  return dialpad.normalise({ method: 'POST', url, headers: {}, body }, receivedAt)
}

function eventsOf(fields: object): readonly CallEvent[] {
  const meaning = readText(JSON.stringify({ call_id: '1', event_timestamp: at, ...fields }))
  return meaning.ok ? meaning.events : []
}

function keyOf(fields: object): string {
  const meaning = readText(JSON.stringify({ event_timestamp: at, ...fields }))
  return meaning.ok ? meaning.dedupeKey : meaning.detail
}

function typeOf(fields: object): string | undefined {
  return eventsOf(fields)[0]?.type
}

test('connected after a hold means resumed, and else answered', async (t) => {
  const connected = (date_connected: unknown, hold_time: unknown) =>
    typeOf({ state: 'connected', date_connected, hold_time })
  t.equal(connected(at + 500, 0), 'call.answered', 'the two clocks differ a little')
  t.equal(connected(null, 0), 'call.answered')
  t.equal(connected(at - 30_000, 15_000), 'call.resumed')
  t.equal(connected(at - 15_000, 15_000.25), 'call.resumed')
  t.equal(connected(at, 15_000), 'call.answered', 'it was held before this leg was connected')
  t.equal(connected(at - 30_000, null), 'call.answered')
})

test('a leg that was transferred says so when it is answered', async (t) => {
  const transferred = { is_transferred: true, internal_number: '+12025550131' }
  const events = eventsOf({ state: 'connected', ...transferred })
  t.match(events, [
    { type: 'call.answered', id: `dialpad:1:connected:${at}` },
    { type: 'call.transferred', id: `dialpad:1:connected:${at}#2` },
  ])
  t.strictSame(events[1]?.details, { to: '+12025550131' })
  const resumed = { state: 'connected', date_connected: at - 9000, hold_time: 5000 }
  t.equal(eventsOf({ ...resumed, ...transferred }).length, 1)
})

test('every state with a name of ours has it', async (t) => {
  for (const [state, type] of [
    ['calling', 'call.initiated'],
    ['preanswer', 'call.initiated'],
    ['ringing', 'call.ringing'],
    ['queued', 'call.queued'],
    ['hold', 'call.held'],
    ['merged', 'call.bridged'],
    ['parked', 'call.parked'],
    ['hangup', 'call.hangup'],
    ['missed', 'call.missed'],
    ['recording', 'call.recording.saved'],
    ['admin_recording', 'call.recording.saved'],
    ['voicemail', 'voicemail.received'],
    ['voicemail_uploaded', 'voicemail.uploaded'],
    ['transcription', 'transcript.saved'],
    ['call_transcription', 'transcript.saved'],
    ['recap_summary', 'call.summary.ready'],
  ] as const) {
    t.match(eventsOf({ state }), [{ type, rawType: state }])
  }
  for (const state of ['csat', 'barge', 'recap_outcome', '__proto__', 'constructor', 'a\0b']) {
    const [event] = eventsOf({ state, api_key: 's3cret' })
    t.match(event, { type: 'provider.event', callId: '1', details: { payload: { call_id: '1' } } })
    t.notOk(JSON.stringify(event).includes('s3cret'))
  }
})

test('what has no state is an event all the same', async (t) => {
  t.match(eventsOf({ text: 'hello' }), [{ type: 'provider.event', rawType: 'unnamed' }])
  t.match(eventsOf({ state: 7 }), [{ type: 'provider.event', rawType: 'unnamed' }])
  const [duty] = eventsOf({
    call_id: undefined,
    target,
    on_duty_status: 'unavailable',
    on_duty_status_reason: 'Lunch',
    availability_status: 'available',
  })
  t.match(duty, { type: 'agent.status.changed', callId: null, rawType: 'agent_status' })
  t.strictSame(duty?.details, {
    status: 'unavailable',
    availability: 'available',
    reason: 'Lunch',
  })
  t.strictSame(duty?.agent, { id: String(target.id), email: target.email, name: 'Alex' })
})

test('a call goes by the one it began with, and joins its other ids', async (t) => {
  const ids = {
    call_id: 1,
    entry_point_call_id: 5_635_304_278_851_584,
    master_call_id: '3',
    operator_call_id: 4,
  }
  const [event] = eventsOf({ state: 'hold', ...ids })
  t.match(event, { callId: '5635304278851584', legId: '1' })
  t.strictSame(event?.joins.toSorted(), ['1', '3', '4'])
  t.strictSame(event?.providerIds, {
    entry_point_call_id: '5635304278851584',
    master_call_id: '3',
    call_id: '1',
    operator_call_id: '4',
  })
  const none = { entry_point_call_id: '', master_call_id: 0, operator_call_id: null }
  const [single] = eventsOf({ state: 'hold', ...none })
  t.match(single, { callId: '1', legId: '1' })
  t.strictSame(single?.joins, [])
  t.strictSame(single?.providerIds, { call_id: '1' })
  t.strictSame(eventsOf({ state: 'hold', master_call_id: '1' })[0]?.joins, [], 'the same twice')
})

test('ids beyond 2^53 come digit for digit', async (t) => {
  const text = `{"call_id":98765432109876543210,"state":"hold","event_timestamp":${at}}`
  const meaning = readText(text)
  t.match(meaning, { events: [{ callId: '98765432109876543210' }] })
})

test('from and to are told by the direction', async (t) => {
  const numbers = { external_number: '+12025550133', internal_number: '+12025550131' }
  const told = (more: object) => eventsOf({ ...numbers, ...more })
  t.match(told({ state: 'hold', direction: 'inbound' }), [
    { from: '+12025550133', to: '+12025550131' },
  ])
  t.match(told({ state: 'hold', direction: 'outbound' }), [
    { from: '+12025550131', to: '+12025550133' },
  ])
  t.match(told({ state: 'hold' }), [{ from: null, to: null, direction: null }])
  t.match(told({ state: 'voicemail' }), [{ from: '+12025550133', to: '+12025550131' }])
  const hidden = { direction: 'inbound', internal_number: 'blocked', external_number: 'blocked' }
  t.match(told({ state: 'hold', ...hidden }), [{ from: null, to: null }])
})

test('an agent is a person', async (t) => {
  t.match(eventsOf({ state: 'hold', target }), [{ agent: { id: String(target.id), name: 'Alex' } }])
  for (const other of [undefined, {}, [], { ...target, type: 'department' }]) {
    t.equal(eventsOf({ state: 'hold', target: other })[0]?.agent, null)
  }
})

test('a voicemail tells what finds its call, and two of one caller are two', async (t) => {
  const voicemail = {
    call_id: null,
    state: 'voicemail_uploaded',
    external_number: '+12025550133',
    target,
    voicemail_link: 'https://r.test/1.mp3',
    voicemail_recording_id: '777',
    duration: 14_000.6,
  }
  const [event] = eventsOf(voicemail)
  t.match(event, { type: 'voicemail.uploaded', callId: null, legId: null })
  t.strictSame(event?.joins, [])
  const link = {
    url: 'https://r.test/1.mp3',
    external_number: '+12025550133',
    target_id: String(target.id),
    voicemail_recording_id: '777',
  }
  t.strictSame(event?.details, { duration_ms: 14_001, ...link })
  const text = { state: 'transcription', transcription_text: 'Call me' }
  t.strictSame(eventsOf({ ...voicemail, ...text })[0]?.details, { text: 'Call me', ...link })
  const key = keyOf(voicemail)
  t.equal(keyOf({ ...voicemail, target_availability_status: 'open' }), key, 'a retry')
  for (const other of [
    { voicemail_link: 'https://r.test/2.mp3' },
    { event_timestamp: at + 1 },
    { state: 'voicemail' },
    { external_number: '+12025550144' },
    { target: { ...target, id: 1 } },
  ]) {
    t.not(keyOf({ ...voicemail, ...other }), key)
  }
})

test('links lead to the web or nowhere', async (t) => {
  for (const link of ['javascript:alert(1)', 'file:///etc/passwd', '//r.test/1', 7, null]) {
    const [voicemail] = eventsOf({ state: 'voicemail', voicemail_link: link })
    t.strictSame(voicemail?.details, {})
    const [recording] = eventsOf({
      state: 'recording',
      recording_details: [{ id: '1', url: link }],
    })
    t.strictSame(recording?.details, { recording_id: '1' })
  }
})

test('each recording is an event of its own, at most sixteen', async (t) => {
  const recording = (id: number) => ({ id, url: `https://r.test/${id}.mp3`, duration: 59_000.4 })
  const events = eventsOf({
    state: 'recording',
    recording_details: [recording(1), null, recording(2)],
  })
  t.equal(events.length, 2)
  t.strictSame(events[1]?.details, {
    url: 'https://r.test/2.mp3',
    recording_id: '2',
    duration_ms: 59_000,
  })
  t.equal(events[1]?.id, `dialpad:1:recording:${at}#2`)
  const many = Array.from({ length: 40 }, (_, index) => recording(index + 1))
  t.equal(eventsOf({ state: 'recording', recording_details: many }).length, 16)
  for (const recording_details of [undefined, null, [], {}, [7]]) {
    t.strictSame(
      eventsOf({ state: 'recording', recording_details }).map((one) => one.details),
      [{}],
    )
  }
})

test('durations are whole milliseconds', async (t) => {
  const duration = (told: unknown) => eventsOf({ state: 'hangup', duration: told })[0]?.details
  t.strictSame(duration(59_503.125), { duration_ms: 59_503 })
  t.strictSame(duration(0), { duration_ms: 0 })
  for (const none of [null, '59503', -1, 1e300]) t.strictSame(duration(none), {})
})

test('a call, its state and its time are the key; without a time its bytes are', async (t) => {
  t.equal(keyOf({ call_id: 1, state: 'hold' }), `1:hold:${at}`)
  const timeless = { call_id: 1, state: 'hold', event_timestamp: null }
  t.match(keyOf(timeless), /^1:hold::[\da-f]{32}$/)
  t.not(keyOf({ ...timeless, x: 1 }), keyOf(timeless))
  t.match(keyOf({ state: 'csat' }), /^:csat:\d+:[\da-f]{32}$/)
  t.ok(keyOf({ call_id: 1, state: 'x'.repeat(5000) }).length <= 128)
})

test('the time is that of the event, or ours', async (t) => {
  t.equal(eventsOf({ state: 'hold' })[0]?.time, '2026-09-21T14:13:20.000Z')
  t.equal(eventsOf({ state: 'hold', event_timestamp: 'x' })[0]?.time, receivedAt)
})

test('what is no object of JSON means nothing', async (t) => {
  for (const text of ['', '{', 'e30.bm90IGpzb24.x']) {
    t.match(readText(text), { ok: false, reason: 'unparseable_body' })
  }
  for (const text of ['[]', '7', 'null', '"x"', 'e30.W10.x']) {
    t.match(readText(text), { ok: false, reason: 'schema' })
  }
})

test('three thousand levels are no harm', async (t) => {
  const deep = `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`
  const meaning = readText(`{"call_id":1,"state":"csat","event_timestamp":1,"x":${deep}}`)
  t.match(meaning, { events: [{ type: 'provider.event' }] })
  t.doesNotThrow(() => JSON.stringify(meaning))
})
