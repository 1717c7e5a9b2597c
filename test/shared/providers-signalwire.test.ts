import * as fc from 'fast-check'
import { test } from 'tap'
import type { CallEvent } from '@switchhook/shared/events'
import type { Normalised } from '@switchhook/shared/providers'
import { signalwire } from '@switchhook/shared/providers/signalwire'
import { providerContract } from '../contracts/provider.ts'
import { signalwireAccepts, signalwireFixtures } from '../kit/providers/signalwire.ts'

const receivedAt = '2026-01-02T03:04:05.678Z'
const url = 'https://calls.example.com/webhooks/signalwire?app=1'
const header = 'x-signalwire-signature'
const { simulator } = signalwire
const { credential, signingKey } = simulator.newKeys()
const verify = signalwire.verifier([credential], {})
const signed = (content: string) =>
  simulator.sign(Buffer.from(content), { signingKey, nowSeconds: 0, url, settings: {} })

function read(body: unknown): Normalised {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return signalwire.normalise(
    { method: 'POST', url, headers: {}, body: Buffer.from(text) },
    receivedAt,
  )
}

/** The event of a RELAY call state. */
function stateOf(params: object, rest: object = {}): CallEvent | undefined {
  const meaning = read({ event_type: 'calling.call.state', params, ...rest })
  return meaning.ok ? meaning.events[0] : undefined
}

test('signalwire keeps the contract of a provider', async (t) =>
  providerContract(t, signalwire, signalwireFixtures()))

test('a form is proven in base64 and JSON in hexadecimal, never the other way', async (t) => {
  const recoded = (content: string, from: 'hex' | 'base64', to: 'hex' | 'base64') => {
    const { headers, ...rest } = signed(content)
    const value = Buffer.from(String(headers[header]), from).toString(to)
    return { ...rest, headers: { ...headers, [header]: value } }
  }
  t.match(await verify(signed('CallSid=1'), 0), { ok: true })
  t.match(await verify(signed('{"a":1}'), 0), { ok: true })
  const form = recoded('CallSid=1', 'base64', 'hex')
  t.match(await verify(form, 0), { code: 'malformed_header', args: [header] })
  const json = recoded('{"a":1}', 'hex', 'base64')
  t.match(await verify(json, 0), { code: 'malformed_header', args: [header] })
})

test('what is neither a form nor JSON is not signed', async (t) => {
  t.throws(() => signed('a=%'), /neither JSON nor a form/)
  t.throws(() =>
    simulator.sign(Buffer.alloc(0), { signingKey: 'x', nowSeconds: 0, url, settings: {} }),
  )
})

test('what the simulator signs, the library accepts, be it a form or JSON', () => {
  const text = fc.string({ unit: 'binary' }).map((any) => any.toWellFormed())
  const pairs = fc.array(fc.tuple(text, text), { maxLength: 20 })
  const form = pairs.map((sent) => new URLSearchParams(sent).toString())
  const json = fc.dictionary(text, fc.jsonValue()).map((any) => JSON.stringify(any))
  const property = fc.asyncProperty(fc.oneof(form, json), async (content) => {
    const delivery = signed(content)
    return signalwireAccepts(delivery, credential) && (await verify(delivery, 0)).ok
  })
  return fc.assert(property, { numRuns: 1000 })
})

test('the order of repeated values is signed, as the library has it', async (t) => {
  const delivery = signed('Digits=9&Digits=1&Digits=1')
  t.ok(signalwireAccepts(delivery, credential))
  for (const text of ['Digits=1&Digits=9&Digits=1', 'Digits=9&Digits=1']) {
    const changed = { ...delivery, body: Buffer.from(text) }
    t.match(await verify(changed, 0), { code: 'bad_signature' })
    t.notOk(signalwireAccepts(changed, credential))
  }
})

test('a key that is none is explained and never repeated', async (t) => {
  const wrong: [string, RegExp][] = [
    [`PT${'0123456789abcdef'.repeat(3)}`, /API token/],
    ['c72e35f5-a24f-4eb1-a823-8f3a99a5464e', /project id/],
    [`${credential}\n`, /space/],
    ['PSK_', /too short/],
  ]
  for (const [text, sentence] of wrong) {
    t.match(signalwire.checkCredential(text), sentence)
    t.notOk(signalwire.checkCredential(text)?.includes(text))
    t.throws(() => signalwire.verifier([text], {}), { message: sentence })
  }
})

test('the states of a RELAY call have names, and others keep their own', async (t) => {
  for (const [state, type] of [
    ['created', 'call.initiated'],
    ['ringing', 'call.ringing'],
    ['answered', 'call.answered'],
    ['ended', 'call.hangup'],
    ['ending', 'provider.event'],
    ['__proto__', 'provider.event'],
  ] as const) {
    t.match(stateOf({ call_id: 'c', call_state: state }), { type, callId: 'c', legId: 'c' }, state)
  }
  const ended = stateOf({ call_id: 'c', call_state: 'ended', end_reason: 'busy' })
  t.strictSame(ended?.details, { cause: 'busy' })
  const missed = stateOf({ call_id: 'c', call_state: 'ended', end_reason: 'noAnswer' })
  t.match(missed, { type: 'call.missed', details: { cause: 'noAnswer' } })
})

test('a leg of RELAY belongs to the call that made it', async (t) => {
  const params = { call_id: 'c', call_state: 'ringing', parent: { call_id: 'p' } }
  const event = stateOf(params)
  t.match(event, {
    callId: 'p',
    legId: 'c',
    joins: ['c'],
    providerIds: { call_id: 'c', 'parent.call_id': 'p' },
  })
})

test('RELAY names the parties at the device, SWML at the call', async (t) => {
  const device = {
    type: 'phone',
    params: { from_number: '+12025550133', to_number: '+12025550131' },
  }
  const parties = { from: '+12025550133', to: '+12025550131' }
  t.match(stateOf({ call_id: 'c', call_state: 'created', device }), parties)
  const call = { call_id: 'c', call_state: 'created', direction: 'inbound', ...parties }
  const event = { type: 'call.initiated', direction: 'inbound', ...parties }
  t.match(read({ call, vars: {} }), { ok: true, events: [event] })
})

test('RELAY tells Unix time, with a fraction or in milliseconds', async (t) => {
  const at = (timestamp: unknown) => stateOf({ call_id: 'c', call_state: 'created' }, { timestamp })
  t.match(at(1_790_000_000), { time: '2026-09-21T14:13:20.000Z', order: 0 })
  t.match(at(1_790_000_000.25), { time: '2026-09-21T14:13:20.250Z' })
  t.match(at(1_790_000_000_250), { time: '2026-09-21T14:13:20.250Z', order: 0 })
  for (const none of [undefined, null, '1790000000', 0, -1, 1e300]) {
    t.match(at(none), { time: receivedAt, order: 0 }, String(none))
  }
})

test('a state is one event however often it is told, anything else goes by its time', async (t) => {
  const keyOf = (body: object) => {
    const meaning = read(body)
    return meaning.ok ? meaning.dedupeKey : meaning.detail
  }
  const params = { call_id: 'c', call_state: 'answered' }
  const told = { event_type: 'calling.call.state', params }
  t.equal(keyOf({ ...told, timestamp: 1 }), keyOf({ ...told, timestamp: 2 }))
  const played = { event_type: 'calling.call.play', params: { call_id: 'c', state: 'playing' } }
  t.equal(keyOf({ ...played, timestamp: 1 }), 'calling.call.play:c:playing:1')
  t.not(keyOf(played), keyOf({ ...played, x: 1 }))
  t.match(read(played), {
    ok: true,
    events: [{ type: 'provider.event', rawType: 'calling.call.play' }],
  })
})

test('JSON that is no object, or no JSON, means nothing', async (t) => {
  t.match(read('[1]'), { ok: false, reason: 'schema' })
  t.match(read('{'), { ok: false, reason: 'unparseable_body' })
  t.match(read('{}'), { ok: true, events: [{ type: 'provider.event', callId: null }] })
})
