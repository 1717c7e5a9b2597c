import * as fc from 'fast-check'
import { test } from 'tap'
import type { CallEvent } from '@switchhook/shared/events'
import type { Delivery, Normalised } from '@switchhook/shared/providers'
import { plivo } from '@switchhook/shared/providers/plivo'
import { providerContract } from '../contracts/provider.ts'
import { plivoAccepts, plivoFixtures } from '../kit/providers/plivo.ts'

const receivedAt = '2026-01-02T03:04:05.678Z'
const url = 'https://calls.example.com/webhooks/plivo'
const signatureHeader = 'x-plivo-signature-v3'
const nonceHeader = 'x-plivo-signature-v3-nonce'
const { simulator } = plivo
const { credential, signingKey } = simulator.newKeys()
const verify = plivo.verifier([credential], {})
const call = { CallUUID: 'u', From: '12025550133', To: '12025550131', Direction: 'inbound' }

function signed(content: string, at = url) {
  const signing = { signingKey, nowSeconds: 0, url: at, settings: {} }
  return simulator.sign(Buffer.from(content), signing)
}

function read(parameters: string | Record<string, string>, headers = {}): Normalised {
  const body = Buffer.from(new URLSearchParams(parameters).toString())
  return plivo.normalise({ method: 'POST', url, headers, body }, receivedAt)
}

function eventsOf(parameters: string | Record<string, string>): readonly CallEvent[] {
  const meaning = read(parameters)
  return meaning.ok ? meaning.events : []
}

function keyOf(parameters: Record<string, string>, headers = {}): string {
  const meaning = read(parameters, headers)
  return meaning.ok ? meaning.dedupeKey : meaning.detail
}

test('plivo keeps the contract of a provider', async (t) =>
  providerContract(t, plivo, plivoFixtures()))

for (const name of [signatureHeader, nonceHeader]) {
  test(`${name} must come, come once, and be spelt in one way`, async (t) => {
    const delivery = signed('CallUUID=u')
    const value = String(delivery.headers[name])
    const withHeader = (changed: string | string[] | undefined) =>
      verify({ ...delivery, headers: { ...delivery.headers, [name]: changed } }, 0)
    t.match(await withHeader(undefined), { code: 'missing_header', args: [name] })
    for (const wrong of [[value], `${value}, ${value}`, `${value}.1`, ` ${value}`, `${value},`]) {
      t.match(await withHeader(wrong), { code: 'malformed_header', args: [name] })
    }
  })
}

test('one of up to 16 signatures must match', async (t) => {
  const delivery = signed('CallUUID=u')
  const other = Buffer.alloc(32).toString('base64')
  const withOthers = (count: number) => {
    const all = [...Array.from({ length: count }, () => other), delivery.headers[signatureHeader]]
    return verify(
      { ...delivery, headers: { ...delivery.headers, [signatureHeader]: all.join() } },
      0,
    )
  }
  t.match(await withOthers(15), { ok: true })
  t.match(await withOthers(16), { code: 'malformed_header' })
})

test('the signature for the main account proves nothing', async (t) => {
  const { headers, ...rest } = signed('CallUUID=u')
  const { [signatureHeader]: value, ...others } = headers
  const main = { ...others, 'x-plivo-signature-ma-v3': String(value) }
  t.match(await verify({ ...rest, headers: main }, 0), { code: 'missing_header' })
})

test('what stands before a dot cannot be moved into the nonce', async (t) => {
  const delivery = signed('CallUUID=u&StartTime=13.5')
  const headers = { ...delivery.headers, [nonceHeader]: `5.${delivery.headers[nonceHeader]}` }
  const moved = { ...delivery, headers, body: Buffer.from('CallUUID=u&StartTime=13') }
  t.ok(plivoAccepts(moved, credential), 'though it is the same text')
  t.match(await verify(moved, 0), { code: 'malformed_header', args: [nonceHeader] })
})

test('a body or a query that is no form is refused', async (t) => {
  const delivery = signed('CallUUID=u')
  const broken = Buffer.from('CallUUID=%')
  t.match(await verify({ ...delivery, body: broken }, 0), { code: 'unparseable_body' })
  t.match(await verify({ ...delivery, url: `${url}?a=%` }, 0), { code: 'unparseable_body' })
  t.match(await verify({ ...delivery, url: '' }, 0), { code: 'unparseable_body' })
  t.throws(() => signed('CallUUID=%'), /not a form/)
})

test('what the simulator signs, the library accepts, whatever the parameters', () => {
  const text = fc.string({ unit: 'binary' }).map((any) => any.toWellFormed())
  const word = fc.stringMatching(/^[a-z]{1,8}$/).map((any) => `p_${any}`)
  const told = fc.array(fc.tuple(text, text), { maxLength: 20 })
  const asked = fc.array(fc.tuple(word, text), { maxLength: 5 })
  const origin = fc.constantFrom('https://calls.example.com', 'http://localhost:3000')
  const path = fc.constantFrom('', '/', '/webhooks/plivo', '/a%20b')
  const sent = fc.record({ told, asked, origin, path })
  const property = fc.asyncProperty(sent, async ({ told, asked, origin, path }) => {
    const search = asked.length > 0 ? `?${new URLSearchParams(asked).toString()}` : ''
    const delivery = signed(new URLSearchParams(told).toString(), `${origin}${path}${search}`)
    return plivoAccepts(delivery, credential) && (await verify(delivery, 0)).ok
  })
  return fc.assert(property, { numRuns: 1000 })
})

test('by GET the parameters are in the query, for the library as for us', async (t) => {
  const asked = `${url}?CallUUID=u&Event=Ring&CallStatus=ringing`
  const delivery: Delivery = { ...signed('', asked), method: 'GET' }
  t.ok(plivoAccepts(delivery, credential))
  t.match(await verify(delivery, 0), { ok: true, signedAt: null })
  const meaning = plivo.normalise(delivery, receivedAt)
  t.match(meaning, { ok: true, dedupeKey: 'u:Ring:ringing', events: [{ type: 'call.ringing' }] })
})

test('a token that is none is explained and never repeated', async (t) => {
  const wrong: [string, RegExp][] = [
    ['MAXXXXXXXXXXXXXXXXXX', /auth id/],
    [`${credential} `, /space/],
    ['a1b2c3', /too short/],
  ]
  for (const [text, sentence] of wrong) {
    t.match(plivo.checkCredential(text), sentence)
    t.notOk(plivo.checkCredential(text)?.includes(text))
    t.throws(() => plivo.verifier([text], {}), { message: sentence })
  }
})

test('an event is told by its name, else by the state of its call', async (t) => {
  const typeOf = (said: Record<string, string>) => eventsOf({ ...call, ...said })[0]?.type
  t.equal(typeOf({ Event: 'Ring', CallStatus: 'ringing' }), 'call.ringing')
  t.equal(typeOf({ Event: 'StartApp', CallStatus: 'ringing' }), 'call.answered')
  t.equal(typeOf({ Event: 'Hangup', CallStatus: 'completed' }), 'call.hangup')
  for (const state of ['busy', 'failed', 'cancel', 'completed']) {
    t.equal(typeOf({ CallStatus: state }), 'call.hangup', state)
  }
  for (const state of ['timeout', 'no-answer']) {
    t.equal(typeOf({ Event: 'Hangup', CallStatus: state }), 'call.missed', state)
    t.equal(typeOf({ CallStatus: state }), 'call.missed', state)
  }
  t.equal(typeOf({ CallStatus: 'in-progress' }), 'call.answered')
  for (const event of ['Redirect', '__proto__', 'constructor']) {
    const [unnamed] = eventsOf({ ...call, Event: event, CallStatus: 'in-progress' })
    t.match(unnamed, { type: 'provider.event', callId: 'u', rawType: event })
    t.match(unnamed?.details, { provider_type: event, payload: { CallUUID: 'u' } })
  }
  for (const text of ['Event=Ring', 'Digits=1', 'Machine=true', 'RecordUrl=https://r.test/1']) {
    t.match(eventsOf(text), [{ type: 'provider.event', callId: null }], 'it is of no call')
  }
  t.match(read({}), { ok: false, reason: 'schema' })
})

test('a leg belongs to the call of its A leg', async (t) => {
  const leg = { ...call, ALegUUID: 'a', Event: 'Ring', CallStatus: 'ringing' }
  t.match(eventsOf(leg), [
    { callId: 'a', legId: 'u', joins: ['u'], providerIds: { CallUUID: 'u', ALegUUID: 'a' } },
  ])
})

test('numbers get their plus sign, other addresses come as they are', async (t) => {
  const from = (From: string) => eventsOf({ ...call, From, Event: 'Ring' })[0]?.from
  t.equal(from('12025550133'), '+12025550133')
  for (const address of ['+12025550133', 'sip:a@phone.plivo.com', '1001', '1234567890123456']) {
    t.equal(from(address), address)
  }
  for (const none of ['', 'anonymous', 'unknown']) t.equal(from(none), null, none)
})

test('a hangup tells cause and length, and happens when it comes', async (t) => {
  const said = { HangupCause: 'NORMAL_CLEARING', HangupSource: 'Caller', Duration: '26' }
  const [event] = eventsOf({ ...call, Event: 'Hangup', EndTime: '2026-09-21 14:13:50', ...said })
  t.match(event, { time: receivedAt, order: 0 })
  t.strictSame(event?.details, {
    cause: 'normal_clearing',
    cause_source: 'caller',
    duration_ms: 26_000,
  })
})

test('digits, machines and recordings are events of their own', async (t) => {
  const pressed = { ...call, Event: 'Redirect', CallStatus: 'in-progress', Digits: '12' }
  t.match(eventsOf(pressed), [{ type: 'call.gather.ended', details: { digits: '12' } }])
  const machine = { ...call, Event: 'MachineDetection', Machine: 'true' }
  t.match(eventsOf(machine), [{ type: 'call.machine.detected', details: { result: 'machine' } }])
  t.match(eventsOf({ ...call, Event: 'StartApp', Machine: 'false' }), [
    { type: 'call.answered' },
    { type: 'call.machine.detected', details: { result: 'human' } },
  ])
  const recorded = { RecordUrl: 'https://r.test/1.mp3', RecordingID: 'r', RecordingDuration: '9' }
  const saved = {
    type: 'call.recording.saved',
    details: { url: 'https://r.test/1.mp3', duration_ms: 9000 },
  }
  t.match(eventsOf({ ...call, Event: 'RecordStop', ...recorded }), [saved])
  t.match(eventsOf({ ...call, CallStatus: 'in-progress', ...recorded }), [saved])
  t.match(eventsOf({ ...call, Event: 'RecordStop', RecordUrl: 'file:///etc/passwd' }), [
    { type: 'provider.event' },
  ])
})

test('the key is of what is told, else the nonce, which is signed', async (t) => {
  const nonce = (value: string) => ({ [nonceHeader]: value })
  const ring = { ...call, Event: 'Ring', CallStatus: 'ringing' }
  t.equal(keyOf(ring, nonce('1')), 'u:Ring:ringing')
  t.equal(keyOf(ring, nonce('2')), 'u:Ring:ringing')
  const pressed = { ...call, Event: 'Redirect', Digits: '1' }
  t.equal(keyOf(pressed, nonce('1')), 'u:nonce:1')
  t.match(keyOf(pressed), /^u:nonce:[0-9a-f]{64}$/)
  t.equal(keyOf({ ...call, RecordUrl: 'https://r.test/1', RecordingID: 'r' }), 'u:RecordingID:r')
})
