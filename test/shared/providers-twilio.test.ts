import { test } from 'tap'
import type { CallEvent } from '@switchhook/shared/events'
import type { Delivery, Normalised } from '@switchhook/shared/providers'
import { twilio } from '@switchhook/shared/providers/twilio'
import { providerContract } from '../contracts/provider.ts'
import { twilioFixtures } from '../kit/providers/twilio.ts'

const receivedAt = '2026-01-02T03:04:05.678Z'
const nowMs = 1_790_000_000_000
const url = 'https://calls.example.com/webhooks/twilio'
const header = 'x-twilio-signature'
const tokenHeader = 'i-twilio-idempotency-token'
const { simulator } = twilio
const { credential, signingKey } = simulator.newKeys()
const verify = twilio.verifier([credential], {})
const call = { CallSid: 'CA1', From: '+12025550133', To: '+12025550131', Direction: 'inbound' }

function signed(body: Buffer | Record<string, string>, at = url) {
  const content = Buffer.isBuffer(body) ? body : Buffer.from(new URLSearchParams(body).toString())
  return simulator.sign(content, { signingKey, nowSeconds: 0, url: at, settings: {} })
}

function read(parameters: string | Record<string, string>, headers = {}): Normalised {
  const body = Buffer.from(new URLSearchParams(parameters).toString())
  return twilio.normalise({ method: 'POST', url, headers, body }, receivedAt)
}

function eventsOf(parameters: string | Record<string, string>): readonly CallEvent[] {
  const meaning = read(parameters)
  return meaning.ok ? meaning.events : []
}

function keyOf(parameters: Record<string, string>, headers = {}): string {
  const meaning = read(parameters, headers)
  return meaning.ok ? meaning.dedupeKey : meaning.detail
}

function readJson(body: unknown): Normalised {
  const text = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return twilio.normalise(signed(text), receivedAt)
}

test('twilio keeps the contract of a provider', async (t) =>
  providerContract(t, twilio, twilioFixtures()))

test('the signature must come, come once, and be spelt in one way', async (t) => {
  const delivery = signed(call)
  const value = String(delivery.headers[header])
  const withHeader = (changed: string | string[] | undefined) =>
    verify({ ...delivery, headers: { ...delivery.headers, [header]: changed } }, nowMs)
  t.match(await withHeader(undefined), { code: 'missing_header', args: [header] })
  t.match(await withHeader(''), { code: 'missing_header', args: [header] })
  const spare = `${value.slice(0, 26)}${String.fromCharCode(value.charCodeAt(26) + 1)}=`
  t.same(Buffer.from(spare, 'base64'), Buffer.from(value, 'base64'), 'the same 20 bytes')
  for (const wrong of [[value], `${value}, ${value}`, value.slice(0, 27), ` ${value}`, spare]) {
    t.match(await withHeader(wrong), { code: 'malformed_header', args: [header] })
  }
})

test('the URL is signed with its port or without, and nothing else may differ', async (t) => {
  const sent = signed(call, 'https://calls.example.com:443/a?b=c')
  for (const as of ['https://calls.example.com/a?b=c', 'https://calls.example.com:443/a?b=c']) {
    t.match(await verify({ ...sent, url: as }, nowMs), { ok: true }, as)
  }
  for (const as of [
    'http://calls.example.com/a?b=c',
    'https://calls.example.com:80/a?b=c',
    'https://calls.example.com/a?b=c&',
    'https://calls.example.com/a/?b=c',
    'https://CALLS.example.com/a?b=c',
    'calls.example.com/a?b=c',
    '',
  ]) {
    t.match(await verify({ ...sent, url: as }, nowMs), { code: 'bad_signature' }, as)
  }
  const { headers } = sent
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'calls.example.com' }
  const spoofed = {
    ...sent,
    url: 'http://10.0.0.1/a?b=c',
    headers: { ...headers, ...forwarded, forwarded: 'proto=https;host=calls.example.com' },
  }
  t.match(await verify(spoofed, nowMs), { code: 'bad_signature' }, 'whatever a proxy claims')
})

test('a body that is no form needs its hash in the URL', async (t) => {
  const json = Buffer.from('[{"id":"1"}]')
  const delivery = signed(json)
  t.match(await verify(delivery, nowMs), { ok: true })
  const changed = { ...delivery, body: Buffer.from('[{"id":"2"}]') }
  t.match(await verify(changed, nowMs), { code: 'body_hash_mismatch' })
  const empty = { ...delivery, body: Buffer.alloc(0) }
  t.match(await verify(empty, nowMs), { code: 'body_hash_mismatch' }, 'also an empty one')
  const bare = { ...signed(Buffer.alloc(0)), body: json }
  t.match(await verify(bare, nowMs), { code: 'bad_signature' }, 'else it is not covered')
  const broken = { ...signed(call), body: Buffer.from('CallSid=%') }
  t.match(await verify(broken, nowMs), { code: 'unparseable_body' })
})

test('the method and the content type are not signed, so they change nothing', async (t) => {
  const delivery = signed({ ...call, CallStatus: 'ringing' })
  const headers = { ...delivery.headers, 'content-type': 'application/json' }
  const replayed: Delivery = { ...delivery, method: 'GET', headers }
  t.match(await verify(replayed, nowMs), { ok: true })
  const meaning = twilio.normalise(delivery, receivedAt)
  t.match(meaning, { ok: true })
  t.strictSame(twilio.normalise(replayed, receivedAt), meaning, 'a replay is a duplicate')
})

test('a token that is none is explained and never repeated', async (t) => {
  const wrong: [string, RegExp][] = [
    [`AC${credential}`, /account SID/],
    [`SK${credential}`, /API key/],
    [`${credential} `, /space/],
    [credential.slice(0, 15), /too short/],
    ['', /too short/],
  ]
  for (const [text, sentence] of wrong) {
    t.match(twilio.checkCredential(text), sentence)
    t.notOk(text && twilio.checkCredential(text)?.includes(text))
    t.throws(() => twilio.verifier([text], {}), { message: sentence })
  }
})

test('a leg belongs to the call of its parent', async (t) => {
  const child = { ...call, CallStatus: 'ringing', ParentCallSid: 'CA0', Direction: 'outbound-dial' }
  t.match(eventsOf(child), [{ callId: 'CA0', legId: 'CA1', joins: ['CA1'], direction: 'outbound' }])
  t.strictSame(eventsOf(child)[0]?.providerIds, { CallSid: 'CA1', ParentCallSid: 'CA0' })
  const [alone] = eventsOf({ ...call, CallStatus: 'ringing' })
  t.match(alone, { callId: 'CA1', legId: 'CA1' })
  t.strictSame(alone?.joins, [])
})

test('every state of a call has a name, and another one keeps its own', async (t) => {
  for (const [state, type] of Object.entries({
    queued: 'call.initiated',
    initiated: 'call.initiated',
    ringing: 'call.ringing',
    'in-progress': 'call.answered',
    completed: 'call.hangup',
    busy: 'call.hangup',
    failed: 'call.hangup',
    canceled: 'call.hangup',
    'no-answer': 'call.missed',
  })) {
    t.match(eventsOf({ ...call, CallStatus: state }), [{ type, rawType: state }], state)
  }
  for (const state of ['parked', '__proto__', 'constructor']) {
    const [event] = eventsOf({ ...call, CallStatus: state })
    t.match(event, { type: 'provider.event', callId: 'CA1', rawType: state })
    t.match(event?.details, { provider_type: state, payload: { CallSid: 'CA1' } })
  }
})

test('a request without a call, or without a state, is an event of the account', async (t) => {
  t.match(eventsOf('CallStatus=ringing'), [{ type: 'provider.event', callId: null }])
  t.match(eventsOf('x=1'), [{ type: 'provider.event', callId: null, rawType: 'callback' }])
  const mixed = { ConferenceSid: 'CF1', RecordingSid: 'RE1', RecordingStatus: 'completed' }
  t.match(eventsOf(mixed), [{ type: 'provider.event', callId: null, id: 'twilio:RE1:completed' }])
  t.match(eventsOf('CallSid=a&CallSid=b&CallStatus=ringing'), [{ type: 'provider.event' }])
  t.match(read({}), { ok: false, reason: 'schema' })
})

test('times are those of the callback, its number decides between two of one second', async (t) => {
  const at = (Timestamp: string) =>
    eventsOf({ ...call, CallStatus: 'ringing', SequenceNumber: '7', Timestamp })[0]
  const time = '2026-09-21T14:13:20.000Z'
  t.match(at('Mon, 21 Sep 2026 14:13:20 +0000'), { time, order: 7 })
  t.match(at('Mon, 21 Sep 2026 16:13:20 +0200'), { time, order: 7 })
  t.match(at('2026-09-21T14:13:20Z'), { time })
  for (const none of ['', 'soon', 'Mon, 99 Sep 2026 14:13:20 +0000', '1790000000']) {
    t.match(at(none), { time: receivedAt, order: 7 }, none)
  }
})

test('a withheld number is null, also when it is spelt on the keys of a telephone', async (t) => {
  const from = (From: string) => eventsOf({ ...call, CallStatus: 'ringing', From })[0]?.from
  for (const none of ['+266696687', '+7378742833', 'anonymous', 'Restricted', '']) {
    t.equal(from(none), null, none)
  }
  for (const address of ['+12025550133', 'client:alice', 'sip:a@b.example.com']) {
    t.equal(from(address), address)
  }
})

test('a callback may tell of two things at once', async (t) => {
  const answered = { ...call, CallStatus: 'in-progress', SequenceNumber: '2', AnsweredBy: 'fax' }
  t.match(eventsOf(answered), [
    { type: 'call.answered', id: 'twilio:CA1:in-progress:2' },
    {
      type: 'call.machine.detected',
      id: 'twilio:CA1:in-progress:2#2',
      details: { result: 'machine' },
    },
  ])
  const ended = { ...call, CallStatus: 'completed', CallDuration: '40', AnsweredBy: 'human' }
  const recorded = { RecordingSid: 'RE1', RecordingUrl: 'https://r.test/1', RecordingDuration: '9' }
  t.match(eventsOf({ ...ended, ...recorded }), [
    { type: 'call.hangup', details: { duration_ms: 40_000 } },
    { type: 'call.recording.saved', details: { url: 'https://r.test/1', duration_ms: 9000 } },
  ])
})

test('recordings, transcripts, digits and machines have callbacks of their own', async (t) => {
  const of = { CallSid: 'CA1', RecordingSid: 'RE1' }
  const started = {
    RecordingStatus: 'in-progress',
    RecordingStartTime: 'Mon, 21 Sep 2026 14:13:25 +0000',
  }
  t.match(eventsOf({ ...of, ...started }), [
    { type: 'call.recording.started', time: '2026-09-21T14:13:25.000Z' },
  ])
  for (const RecordingStatus of ['failed', 'absent']) {
    t.match(eventsOf({ ...of, RecordingStatus }), [
      { type: 'call.recording.failed', details: { cause: RecordingStatus } },
    ])
  }
  t.match(eventsOf({ ...of, RecordingStatus: 'paused' }), [{ type: 'provider.event' }])
  const odd = { ...of, RecordingStatus: 'completed', RecordingUrl: 'javascript:alert(1)' }
  t.strictSame(eventsOf(odd)[0]?.details, {}, 'what is no link is left out')
  const text = {
    TranscriptionSid: 'TR1',
    TranscriptionText: 'hi',
    TranscriptionStatus: 'completed',
  }
  t.match(eventsOf({ ...of, ...text }), [{ type: 'transcript.saved', details: { text: 'hi' } }])
  const pressed = { ...call, CallStatus: 'in-progress', Digits: '12#' }
  t.match(eventsOf(pressed), [{ type: 'call.gather.ended', details: { digits: '12#' } }])
  for (const [AnsweredBy, result] of [
    ['human', 'human'],
    ['machine_end_beep', 'machine'],
    ['unknown', 'unknown'],
  ] as const) {
    const event = { type: 'call.machine.detected', details: { result } }
    t.match(eventsOf({ CallSid: 'CA1', AnsweredBy }), [event])
  }
})

test('the key is of what is told, and the unsigned token the last resort', async (t) => {
  const ringing = { ...call, CallStatus: 'ringing', SequenceNumber: '1' }
  const token = (value: string) => ({ [tokenHeader]: value })
  t.equal(keyOf(ringing), 'CA1:ringing:1')
  t.equal(keyOf(ringing, token('a')), 'CA1:ringing:1')
  t.equal(
    keyOf({ CallSid: 'CA1', RecordingSid: 'RE1', RecordingStatus: 'completed' }),
    'RE1:completed',
  )
  const joined = { ConferenceSid: 'CF1', StatusCallbackEvent: 'join', SequenceNumber: '3' }
  t.equal(keyOf(joined), 'CF1:join:3')
  const pressed = { ...call, CallStatus: 'in-progress', Digits: '1' }
  t.equal(keyOf(pressed, token('a')), 'CA1:gather:a')
  t.not(keyOf(pressed, token('a')), keyOf(pressed, token('b')), 'digits may be pressed twice')
  t.equal(
    keyOf(pressed),
    keyOf(Object.fromEntries(Object.entries(pressed).toReversed())),
    'the same in any order',
  )
  t.match(keyOf({ ...ringing, CallSid: 'a'.repeat(200) }), /^sha256:[0-9a-f]{64}$/)
})

test('a batch of Event Streams is one event each, under one key', async (t) => {
  const sid = `CA${'0'.repeat(32)}`
  const batch = [
    { id: 'EZ1', type: 'com.twilio.x', time: '2026-09-21T14:14:05.000Z', data: { sid } },
    { id: 'EZ2', type: 'com.twilio.y', data: { sid: 'CF1' } },
    'nothing',
  ]
  t.match(readJson(batch), {
    ok: true,
    dedupeKey: 'EZ1:EZ2',
    events: [
      { id: 'twilio:EZ1:EZ2', callId: sid, time: '2026-09-21T14:14:05.000Z' },
      { id: 'twilio:EZ1:EZ2#2', callId: null, time: receivedAt, rawType: 'com.twilio.y' },
    ],
  })
  t.match(readJson([{}]), { ok: true, events: [{ type: 'provider.event' }] })
  t.match(readJson({ id: 'EZ1' }), { ok: true, dedupeKey: 'EZ1' })
  t.match(readJson('[]'), { ok: false, reason: 'schema' })
  t.match(readJson('{'), { ok: false, reason: 'unparseable_body' })
  const many = (length: number) => Array.from({ length }, (_, id) => ({ id }))
  t.match(readJson(many(1000)), { ok: true, dedupeKey: /^sha256:/ })
  t.match(readJson(many(1001)), { ok: false, reason: 'schema' })
  const deep = `[{"id":12345678901234567890,"data":${'['.repeat(3000)}${']'.repeat(3000)}}]`
  const meaning = readJson(deep)
  t.match(meaning, { ok: true, dedupeKey: '12345678901234567890' })
  t.match(JSON.stringify(structuredClone(meaning)), 'nested too deep')
})
