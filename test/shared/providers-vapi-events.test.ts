import * as fc from 'fast-check'
import { test } from 'tap'
import { vapi } from '@switchhook/shared/providers/vapi'
import { deliveryOf } from '../contracts/provider-fixtures.ts'
import { vapiFixtures } from '../kit/providers/vapi.ts'
import type { CallEvent } from '@switchhook/shared/events'
import type { Delivery, Normalised } from '@switchhook/shared/providers'

const receivedAt = '2026-01-02T03:04:05.678Z'
const call = { id: 'c', type: 'inboundPhoneCall' }

function delivery(body: string | Buffer): Delivery {
  const url = 'https://calls.example.com/webhooks/vapi'
  return { method: 'POST', url, headers: {}, body: Buffer.from(body) }
}

function read(message: unknown): Normalised {
  return vapi.normalise(delivery(JSON.stringify({ message })), receivedAt)
}

/** The event of a message of our call. */
function eventOf(message: object): CallEvent | undefined {
  const meaning = read({ timestamp: 1_790_000_000_123, call, ...message })
  return meaning.ok ? meaning.events[0] : undefined
}

function keyOf(message: object): string {
  const meaning = read({ timestamp: 1_790_000_000_123, call, type: 'hang', ...message })
  return meaning.ok ? meaning.dedupeKey : meaning.detail
}

test('a state of a call is the event of ours, an unknown one has no name', async (t) => {
  for (const [status, type] of [
    ['scheduled', 'call.initiated'],
    ['queued', 'call.initiated'],
    ['ringing', 'call.ringing'],
    ['in-progress', 'call.answered'],
    ['forwarding', 'call.transferred'],
    ['ended', 'call.hangup'],
    ['not-found', 'provider.event'],
    ['constructor', 'provider.event'],
    [undefined, 'provider.event'],
  ]) {
    t.match(eventOf({ type: 'status-update', status }), { type, rawType: 'status-update' })
  }
  t.equal(eventOf({ type: 'speech-update', status: 'paused' })?.type, 'provider.event')
})

test('every message that waits for an answer is a request, and no other one waits', async (t) => {
  const waits = (message: unknown) => vapi.awaitsAnswer!(delivery(JSON.stringify({ message })))
  for (const type of [
    'assistant-request',
    'call.endpointing.request',
    'handoff-destination-request',
    'knowledge-base-request',
    'tool-calls',
    'transfer-destination-request',
    'voice-request',
  ]) {
    t.ok(waits({ type }), type)
    t.equal(eventOf({ type })?.type, 'ai.request')
  }
  for (const message of [{ type: 'status-update' }, { type: ['tool-calls'] }, {}, null, 7]) {
    t.notOk(waits(message))
  }
  for (const fixture of vapiFixtures().deliveries.filter(({ expect }) => expect.events.length)) {
    const expected = fixture.expect.needs_response ?? false
    t.equal(vapi.awaitsAnswer!(deliveryOf(fixture)), expected, fixture.id)
  }
  for (const body of ['', 'null', '[]', '{"message":', '[['.repeat(50_000)]) {
    t.notOk(vapi.awaitsAnswer!(delivery(body)))
  }
})

test('details keep to one vocabulary', async (t) => {
  const detailsOf = (message: object) => eventOf(message)?.details
  const transcript = { type: 'transcript[transcriptType="final"]', role: 'bot', transcript: 'hi' }
  t.match(eventOf(transcript), {
    type: 'transcript.final',
    details: { role: 'assistant', text: 'hi' },
  })
  const destination = { type: 'sip', sipUri: 'sip:desk@example.com' }
  t.match(eventOf({ type: 'transfer-update', destination }), {
    type: 'call.transferred',
    details: { to: 'sip:desk@example.com' },
  })
  const messages = [
    { role: 'bot', message: 'Hello' },
    { role: 'user', message: 'Hi' },
  ]
  t.strictSame(detailsOf({ type: 'conversation-update', messages }), { role: 'user', text: 'Hi' })
  const formatted = [{ role: 'assistant', content: 'Hello' }]
  t.strictSame(detailsOf({ type: 'conversation-update', messagesOpenAIFormatted: formatted }), {
    role: 'assistant',
    text: 'Hello',
  })
  t.strictSame(detailsOf({ type: 'conversation-update', messages: [] }), {})
  t.strictSame(detailsOf({ type: 'status-update', status: 'queued', customer: { name: 'Jane' } }), {
    caller_name: 'Jane',
  })
})

test('the report is one event with the summary, the recording, the duration and the cost', async (t) => {
  const report = {
    type: 'end-of-call-report',
    endedReason: 'customer-ended-call',
    startedAt: '2026-09-21T14:13:24.000Z',
    endedAt: '2026-09-21T14:13:51.250Z',
    cost: 0.0731,
    artifact: { recording: { mono: { combinedUrl: 'https://r.test/1.wav' } } },
    analysis: { summary: 'Booking made.' },
  }
  t.strictSame(eventOf(report)?.details, {
    summary: 'Booking made.',
    recording_url: 'https://r.test/1.wav',
    duration_ms: 27_250,
    cause: 'customer-ended-call',
    amount: '0.0731',
    currency: 'USD',
  })
  const odd = {
    type: 'end-of-call-report',
    startedAt: report.endedAt,
    endedAt: report.startedAt,
    artifact: { recordingUrl: 'javascript:alert(1)' },
  }
  t.strictSame(eventOf(odd)?.details, {})
})

test('who called whom depends on the direction', async (t) => {
  const parties = { customer: { number: '+1202' }, phoneNumber: { number: '+1303' } }
  const of = (type: string, more: object = parties) =>
    eventOf({ type: 'hang', call: { id: 'c', type }, ...more })
  t.match(of('inboundPhoneCall'), { direction: 'inbound', from: '+1202', to: '+1303' })
  t.match(of('outboundPhoneCall'), { direction: 'outbound', from: '+1303', to: '+1202' })
  t.match(of('webCall', {}), { direction: null, from: null, to: null })
  const sip = { customer: { sipUri: 'sip:jane@example.com' } }
  t.match(of('inboundPhoneCall', sip), { from: 'sip:jane@example.com', to: null })
  const inCall = { ...call, customer: { number: 'anonymous' }, phoneNumber: { number: '+1303' } }
  t.match(eventOf({ type: 'hang', call: inCall }), { from: null, to: '+1303' })
})

test("the carrier's own id joins the call to what the carrier tells of it", async (t) => {
  const of = (phoneCallProvider: string, phoneCallProviderId: unknown = 'CA1') =>
    eventOf({ type: 'hang', call: { ...call, phoneCallProvider, phoneCallProviderId } })
  for (const carrier of ['twilio', 'telnyx', 'vonage']) {
    t.strictSame(of(carrier)?.joins, ['CA1'])
    t.strictSame(of(carrier, null)?.joins, [])
  }
  t.strictSame(of('vapi')?.joins, [], 'an id of its own is no carrier')
  t.strictSame(of('vapi')?.providerIds, { id: 'c', phoneCallProviderId: 'CA1' })
})

test('what is of no call, or has no name of ours, comes with its message', async (t) => {
  for (const type of ['chat.created', 'session.updated', 'model-output', '__proto__']) {
    const meaning = read({ type, chat: { id: 'x' } })
    t.match(meaning, { events: [{ type: 'provider.event', callId: null, rawType: type }] })
    t.match(eventOf({ type, voice: 'x' }), { type: 'provider.event', callId: 'c' })
    t.match(eventOf({ type, voice: 'x' })?.details, {
      provider_type: type,
      payload: { voice: 'x' },
    })
  }
  t.match(read({ type: 'tool-calls' }), { events: [{ type: 'provider.event', callId: null }] })
  for (const message of [undefined, null, [], 'x', {}, { type: 7 }, { type: '' }]) {
    t.match(read(message), { ok: false, reason: 'schema' })
  }
  t.match(vapi.normalise(delivery('{'), receivedAt), { reason: 'unparseable_body' })
})

test('the addresses to listen to a call and to steer it are in no event', async () => {
  const monitor = { listenUrl: 'wss://v.test/s3cret', controlUrl: 'https://v.test/s3cret' }
  const types = ['hang', 'unheard-of', 'status-update', 'end-of-call-report', 'chat.created']
  const place = fc.constantFrom('call', 'assistant', 'artifact', 'chat')
  const property = fc.property(fc.constantFrom(...types), place, fc.boolean(), (type, at, flat) => {
    const inside = flat ? monitor : { deep: [{ monitor }] }
    const server = { url: 'https://x.test', secret: 's3cret', apiKey: 's3cret' }
    const message = { type, call: { ...call, monitor }, [at]: { ...inside, id: 'c', server } }
    return !JSON.stringify(read(message)).includes('s3cret')
  })
  fc.assert(property, { numRuns: 500 })
})

test('a message is known again by its call, type, time and bytes', async (t) => {
  const key = keyOf({})
  t.match(key, /^c:hang:1790000000123:[\da-f]{32}$/)
  t.equal(keyOf({}), key, 'a retry')
  for (const more of [{ call: { id: 'd' } }, { type: 'x' }, { timestamp: 1 }, { turn: 1 }]) {
    t.not(keyOf(more), key)
  }
  t.match(keyOf({ call: { id: 'a'.repeat(5000) } }), /^sha256%3A[\da-f]{64}:hang:/)
  t.match(keyOf({ call: null }), /^:hang:/)
})

test('a message happened when it says, else when it came', async (t) => {
  const timeOf = (timestamp: unknown) => eventOf({ type: 'hang', timestamp })?.time
  t.equal(timeOf(1_790_000_000_123), '2026-09-21T14:13:20.123Z')
  for (const odd of [null, '1790000000123', -1, 1e300, {}]) t.equal(timeOf(odd), receivedAt)
})

test('a payload is kept as far down as a store can write it, however deep', async (t) => {
  for (const levels of [3000, 50_000]) {
    const deep = `${'{"a":['.repeat(levels)}12345678901234567890${']}'.repeat(levels)}`
    const body = `{"message":{"type":"x","deep":${deep}}}`
    const meaning = vapi.normalise(delivery(body), receivedAt)
    t.match(JSON.stringify(structuredClone(meaning)), '{"a":[{"a":[')
  }
})
