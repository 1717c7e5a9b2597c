import { test } from 'tap'
import type { CallEvent } from '@switchhook/shared/events'
import type { Delivery, Normalised } from '@switchhook/shared/providers'
import { telnyx } from '@switchhook/shared/providers/telnyx'
import { providerContract } from '../contracts/provider.ts'
import { telnyxFixtures } from '../kit/providers/telnyx.ts'

const receivedAt = '2026-01-02T03:04:05.678Z'
const nowMs = 1_790_000_000_000
const now = nowMs / 1000
const url = 'https://calls.example.com/webhooks/telnyx'
const ids = { call_session_id: 's', call_leg_id: 'l', call_control_id: 'c' }
const signedBody = Buffer.from('{"data":{}}')
const { credential: publicKey, signingKey: privateKey } = telnyx.simulator.newKeys()
const verify = telnyx.verifier([publicKey], {})

function signedAt(seconds: number): Delivery {
  const signing = { signingKey: privateKey, nowSeconds: seconds, url, settings: {} }
  return telnyx.simulator.sign(signedBody, signing)
}

function read(text: string): Normalised {
  const body = Buffer.from(text)
  return telnyx.normalise({ method: 'POST', url, headers: {}, body }, receivedAt)
}

/** The event of a Telnyx payload; undefined if it is not readable. */
function eventOf(eventType: string, payload: object, rest: object = {}): CallEvent | undefined {
  const data = { event_type: eventType, id: 'e1', payload, ...rest }
  const meaning = read(JSON.stringify({ data }))
  return meaning.ok ? meaning.events[0] : undefined
}

function detailsOf(eventType: string, payload: object): CallEvent['details'] | undefined {
  return eventOf(eventType, { ...ids, ...payload })?.details
}

/** The dedupe key of an id, given as JSON. */
function keyOf(id: string): string {
  const meaning = read(`{"data":{"event_type":"x","id":${id},"payload":{}}}`)
  return meaning.ok ? meaning.dedupeKey : meaning.detail
}

function occurred(at: unknown): CallEvent | undefined {
  return eventOf('call.answered', ids, { occurred_at: at })
}

function fromOf(address: unknown): string | null | undefined {
  return eventOf('call.initiated', { ...ids, from: address })?.from
}

test('telnyx keeps the contract of a provider', async (t) =>
  providerContract(t, telnyx, telnyxFixtures()))

test('a timestamp may be 300 s away in either direction and no more', async (t) => {
  t.match(await verify(signedAt(now - 300), nowMs + 999), { ok: true })
  t.match(await verify(signedAt(now + 300), nowMs), { ok: true })
  t.match(await verify(signedAt(now - 301), nowMs), { code: 'timestamp_too_old', args: [301] })
  t.match(await verify(signedAt(now + 301), nowMs), { code: 'timestamp_in_future', args: [301] })
})

test('age is judged before the signature', async (t) => {
  const changed = { ...signedAt(now - 301), body: Buffer.from('x') }
  t.match(await verify(changed, nowMs), { code: 'timestamp_too_old' })
})

for (const name of ['telnyx-signature-ed25519', 'telnyx-timestamp']) {
  test(`${name} must come, and come once`, async (t) => {
    const signed = signedAt(now)
    const value = String(signed.headers[name])
    const withHeader = (changed: string | string[] | undefined) =>
      verify({ ...signed, headers: { ...signed.headers, [name]: changed } }, nowMs)
    t.match(await withHeader(undefined), { code: 'missing_header', args: [name] })
    t.match(await withHeader([value, value]), { code: 'malformed_header', args: [name] })
    t.match(await withHeader([value]), { code: 'malformed_header', args: [name] })
    t.match(await withHeader(`${value}, ${value}`), { code: 'malformed_header', args: [name] })
    t.match(await withHeader(`+${value}`), { code: 'malformed_header', args: [name] })
  })
}

test('a signature has one spelling: spare bits of base64 must be zero', async (t) => {
  const signed = signedAt(now)
  const value = String(signed.headers['telnyx-signature-ed25519'])
  const spare = `${value.slice(0, 85)}${String.fromCharCode(value.charCodeAt(85) + 1)}==`
  t.same(Buffer.from(spare, 'base64'), Buffer.from(value, 'base64'), 'the same 64 bytes')
  const headers = { ...signed.headers, 'telnyx-signature-ed25519': spare }
  t.match(await verify({ ...signed, headers }, nowMs), { code: 'malformed_header' })
})

test('a key that is none is explained and never repeated', async (t) => {
  const hex = Buffer.from(publicKey, 'base64').toString('hex')
  const wrong: [string, RegExp][] = [
    ['-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----', /PEM/],
    [hex, /hexadecimal/],
    [`MCowBQYDK2VwAyEA${publicKey}`, /DER/],
    [`KEY${'0123456789ABCDEF'.repeat(2)}`, /API key/],
    [publicKey.slice(0, 43), /unpadded/],
    [Buffer.alloc(31).toString('base64'), /32 bytes/],
    ['', /32 bytes/],
  ]
  for (const [credential, sentence] of wrong) {
    t.match(telnyx.checkCredential(credential), sentence)
    t.notOk(credential && telnyx.checkCredential(credential)?.includes(credential))
    t.throws(() => telnyx.verifier([credential], {}), { message: sentence })
  }
  t.equal(telnyx.checkCredential(publicKey), null)
})

test('a call goes by its session, else its leg, else its control id', async (t) => {
  t.match(eventOf('call.answered', ids), { callId: 's', legId: 'l', providerIds: ids })
  t.match(eventOf('call.answered', { ...ids, call_session_id: null }), { callId: 'l' })
  const control = eventOf('call.answered', { call_control_id: 'c' })
  t.match(control, { callId: 'c', legId: null })
  t.strictSame(control?.providerIds, { call_control_id: 'c' })
  t.equal(eventOf('call.answered', {}), undefined, 'a call event of no call is not readable')
})

test('times lose what is below a millisecond, which then decides the order', async (t) => {
  t.match(occurred('2026-09-21T14:13:20.076916Z'), { time: '2026-09-21T14:13:20.076Z', order: 916 })
  t.match(occurred('2026-09-21T14:13:20Z'), { time: '2026-09-21T14:13:20.000Z', order: 0 })
  t.match(occurred('2026-09-21T16:13:20.5+02:00'), { time: '2026-09-21T14:13:20.500Z', order: 0 })
  t.match(occurred('2026-09-21T14:13:20.0769Z'), { time: '2026-09-21T14:13:20.076Z', order: 900 })
})

test('without a usable time it happened when it came', async (t) => {
  for (const occurred_at of [
    undefined,
    null,
    '',
    'yesterday',
    1790000000,
    '2026-13-40T00:00:00Z',
  ]) {
    t.match(eventOf('call.answered', ids, { occurred_at }), { time: receivedAt, order: 0 })
  }
})

test('a withheld number is null, any other address comes as it is', async (t) => {
  for (const word of [
    'anonymous',
    '+anonymous',
    'Restricted',
    'sip:anonymous@anonymous.invalid',
    '',
    null,
    7,
  ]) {
    t.equal(fromOf(word), null, String(word))
  }
  for (const address of ['+12025550133', 'sip:unknown@pbx.example.com', '1001']) {
    t.equal(fromOf(address), address)
  }
})

test('a caller name comes with the first event of a call', async (t) => {
  t.strictSame(eventOf('call.initiated', { ...ids, caller_id_name: 'Jane' })?.details, {
    caller_name: 'Jane',
  })
  t.strictSame(eventOf('call.initiated', ids)?.details, {})
})

test('details keep to one vocabulary, whatever the provider calls them', async (t) => {
  const wav = { recording_urls: { mp3: null, wav: 'https://r.test/1.wav' }, channels: 'single' }
  t.strictSame(detailsOf('call.recording.saved', wav), {
    url: 'https://r.test/1.wav',
    format: 'wav',
    channels: 1,
  })
  const odd = { recording_urls: { mp3: 'javascript:alert(1)' }, channels: 'constructor' }
  t.strictSame(detailsOf('call.recording.saved', odd), {})
  t.strictSame(detailsOf('call.recording.error', { reason: 'full' }), { cause: 'full' })
  t.strictSame(detailsOf('call.cost', { total_cost: 0.5 }), { amount: '0.5' })
  t.strictSame(detailsOf('call.cost', { total_cost: 'free' }), {})
  for (const [said, result] of [
    ['human_residence', 'human'],
    ['fax_detected', 'machine'],
    ['not_sure', 'unknown'],
  ]) {
    t.strictSame(detailsOf('call.machine.premium.detection.ended', { result: said }), { result })
  }
  const spoken = { transcript: 'hi', is_final: false, transcription_track: 'outbound' }
  const partial = eventOf('call.transcription', { ...ids, transcription_data: spoken })
  t.match(partial, { type: 'transcript.partial', details: { text: 'hi', role: 'local' } })
})

test('an event without a name of ours keeps its name and its payload', async (t) => {
  for (const eventType of ['conference.created', 'constructor', '__proto__', 'fax.sent']) {
    const payload = { conference_id: 'x', big: 7 }
    const event = eventOf(eventType, payload)
    t.match(event, { type: 'provider.event', callId: null, rawType: eventType })
    t.strictSame(event?.details, { provider_type: eventType, payload })
  }
})

test('a payload is kept as far down as a store can write it, however deep', async (t) => {
  for (const levels of [3000, 100_000]) {
    const deep = `${'{"a":['.repeat(levels)}12345678901234567890${']}'.repeat(levels)}`
    const meaning = read(`{"data":{"event_type":"x","id":"1","payload":{"deep":${deep}}}}`)
    const events = meaning.ok ? meaning.events : []
    t.match(JSON.stringify(structuredClone(events)), '{"a":[{"a":[')
  }
})

test('an id is deduplicated as text, bounded, whatever it was', async (t) => {
  t.equal(keyOf('9007199254740993'), '9007199254740993')
  t.match(keyOf(JSON.stringify('a'.repeat(129))), /^sha256:[0-9a-f]{64}$/)
  for (const id of ['null', '""', '{}', '[]', 'true']) t.equal(keyOf(id), 'data.id is missing')
})
