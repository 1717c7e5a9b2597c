import * as fc from 'fast-check'
import { symmetric, verify as vendorVerify } from 'retell-sdk/lib/webhook_auth'
import { test } from 'tap'
import { retell } from '@switchhook/shared/providers/retell'
import { providerContract } from '../contracts/provider.ts'
import { retellFixtures } from '../kit/providers/retell.ts'
import type { CallEvent } from '@switchhook/shared/events'
import type { Delivery, Normalised } from '@switchhook/shared/providers'

const receivedAt = '2026-01-02T03:04:05.678Z'
const nowMs = 1_790_000_000_000
const now = nowMs / 1000
const url = 'https://calls.example.com/webhooks/retell'
const header = 'x-retell-signature'
const { credential, signingKey } = retell.simulator.newKeys()
const verify = retell.verifier([credential], {})

function signedAt(seconds: number, body = Buffer.from('{}')) {
  return retell.simulator.sign(body, { signingKey, nowSeconds: seconds, url, settings: {} })
}

function read(content: unknown): Normalised {
  const body = Buffer.from(JSON.stringify(content))
  return retell.normalise({ method: 'POST', url, headers: {}, body }, receivedAt)
}

/** The events of what Retell says of our call. */
function eventsOf(event: string, more: object = {}): readonly CallEvent[] {
  const meaning = read({ event, call: { call_id: 'c', ...more } })
  return meaning.ok ? meaning.events : []
}

function keyOf(event: string, more: object = {}): string {
  const meaning = read({ event, call: { call_id: 'c', ...more } })
  return meaning.ok ? meaning.dedupeKey : meaning.detail
}

test('retell keeps the contract of a provider', async (t) =>
  providerContract(t, retell, retellFixtures()))

test('what either side signs, the other accepts, whatever the body', async (t) => {
  const clock = t.intercept(Date, 'now', { value: () => nowMs })
  const text = fc.string({ unit: 'binary' }).map((any) => any.toWellFormed())
  const property = fc.asyncProperty(
    text,
    fc.integer({ min: -299_999, max: 0 }),
    async (body, ms) => {
      const ours = signedAt(now, Buffer.from(body))
      const theirs = await symmetric.sign(body, credential, nowMs + ms)
      const headers = { [header]: theirs }
      const proven = await verify({ ...ours, headers }, nowMs)
      return proven.ok && (await vendorVerify(body, credential, ours.headers[header]!))
    },
  )
  await fc.assert(property, { numRuns: 1000 })
  clock.restore()
})

test('a signature may be 300 s away in either direction and no more', async (t) => {
  t.match(await verify(signedAt(now - 300), nowMs), { ok: true, signedAt: now - 300 })
  t.match(await verify(signedAt(now + 300), nowMs), { ok: true, signedAt: now + 300 })
  t.match(await verify(signedAt(now - 301), nowMs), { code: 'timestamp_too_old', args: [301] })
  t.match(await verify(signedAt(now + 301), nowMs), { code: 'timestamp_in_future', args: [301] })
  const changed = { ...signedAt(now - 301), body: Buffer.from('x') }
  t.match(await verify(changed, nowMs), { code: 'timestamp_too_old' }, 'before the signature')
})

test('the header must come, come once, and be spelt in one way', async (t) => {
  const delivery = signedAt(now)
  const value = delivery.headers[header]!
  const told = (changed?: string | string[]) => {
    const changes: Delivery = { ...delivery, headers: { [header]: changed } }
    return verify(changes, nowMs)
  }
  t.match(await told(), { code: 'missing_header', args: [header] })
  for (const wrong of [
    [value],
    `${value}, ${value}`,
    ` ${value}`,
    value.replace('v=', 'v=0'),
    value.replace(/d=.*/, (digits) => digits.toUpperCase()),
    value.slice(0, -1),
    `${value}0`,
    value.replace(',d=', ', d='),
    value.replace(/^v=\d+,/, ''),
  ]) {
    t.match(await told(wrong), { code: 'malformed_header', args: [header] })
  }
})

test('a key that is none is explained and never repeated', async (t) => {
  for (const [text, sentence] of [
    [`${credential} `, /space/],
    ['key_1', /too short/],
  ] as const) {
    t.match(retell.checkCredential(text), sentence)
    t.notOk(retell.checkCredential(text)?.includes(text))
    t.throws(() => retell.verifier([text], {}), { message: sentence })
  }
  t.equal(retell.checkCredential(credential), null)
})

test('a call begins and ends at the times Retell tells, all else when it came', async (t) => {
  const times = { start_timestamp: 1_790_000_001_000, end_timestamp: 1_790_000_040_000 }
  const timeOf = (event: string) => eventsOf(event, times)[0]?.time
  t.equal(timeOf('call_started'), '2026-09-21T14:13:21.000Z')
  t.equal(timeOf('call_ended'), '2026-09-21T14:14:00.000Z')
  for (const event of ['call_analyzed', 'transcript_updated', 'transfer_started']) {
    t.equal(timeOf(event), receivedAt)
  }
  t.equal(eventsOf('call_started', { start_timestamp: 'soon' })[0]?.time, receivedAt)
})

test('details keep to one vocabulary', async (t) => {
  const end = {
    disconnection_reason: 'user_hangup',
    duration_ms: 39_000,
    recording_url: 'https://r.test/1.wav',
  }
  t.match(eventsOf('call_ended', end), [{ type: 'call.hangup' }])
  t.strictSame(eventsOf('call_ended', end)[0]?.details, {
    cause: 'user_hangup',
    duration_ms: 39_000,
    recording_url: 'https://r.test/1.wav',
  })
  const utterances = [
    { role: 'agent', content: 'Hello' },
    { role: 'user', content: 'Hi' },
  ]
  const said = { transcript: 'Agent: Hello\nUser: Hi\n', transcript_object: utterances }
  t.strictSame(eventsOf('transcript_updated', said)[0]?.details, { role: 'user', text: 'Hi' })
  t.strictSame(eventsOf('transcript_updated', { transcript: 'Agent: Hello\n' })[0]?.details, {
    text: 'Agent: Hello\n',
  })
  for (const destination of ['+12025550131', { type: 'predefined', number: '+12025550131' }]) {
    t.match(eventsOf('transfer_bridged', { transfer_destination: destination }), [
      { type: 'call.transferred', details: { to: '+12025550131' } },
    ])
  }
})

test('an analysis that heard a machine is a second event', async (t) => {
  const events = eventsOf('call_analyzed', { call_analysis: { in_voicemail: true } })
  t.match(events, [
    { type: 'call.summary.ready', id: 'retell:c:call_analyzed' },
    { type: 'call.machine.detected', id: 'retell:c:call_analyzed#2' },
  ])
  t.strictSame(events[1]?.details, { result: 'machine' })
})

test('what a call has once is known by its name, all else by its bytes too', async (t) => {
  for (const event of ['call_started', 'call_ended', 'call_analyzed']) {
    t.equal(keyOf(event), `c:${event}`)
    t.equal(keyOf(event, { transcript: 'x' }), `c:${event}`)
  }
  for (const event of ['transcript_updated', 'transfer_started', 'unheard_of']) {
    t.match(keyOf(event), new RegExp(`^c:${event}:[\\da-f]{32}$`))
    t.equal(keyOf(event), keyOf(event), 'a retry')
    t.not(keyOf(event, { transcript: 'x' }), keyOf(event))
  }
  t.match(keyOf('call_ended', { call_id: 'a'.repeat(5000) }), /^sha256%3A[\da-f]{64}:call_ended$/)
})

test('a call goes by its id, and joins what Twilio tells of it', async (t) => {
  const twilio = { telephony_identifier: { twilio_call_sid: 'CA1' } }
  const [event] = eventsOf('call_started', twilio)
  t.match(event, { callId: 'c', legId: 'c', joins: ['CA1'] })
  t.strictSame(event?.providerIds, { call_id: 'c', twilio_call_sid: 'CA1' })
  t.strictSame(eventsOf('call_started')[0]?.joins, [])
  const web = { call_type: 'web_call' }
  t.match(eventsOf('call_started', web), [{ direction: null, from: null, to: null }])
})

test('what is of no call, or has no name of ours, comes with its body', async (t) => {
  for (const event of ['transfer_cancelled', 'transfer_ended', 'chat_started', '__proto__']) {
    const [unnamed] = eventsOf(event, { access_token: 's3cret' })
    t.match(unnamed, { type: 'provider.event', callId: 'c', rawType: event })
    t.match(unnamed?.details, { provider_type: event, payload: { call: { call_id: 'c' } } })
    t.notOk(JSON.stringify(unnamed).includes('s3cret'))
  }
  for (const event of ['chat_ended', 'call_started']) {
    const meaning = read({ event, chat: { chat_id: 'x' } })
    t.match(meaning, { events: [{ type: 'provider.event', callId: null }] })
  }
  for (const content of [null, [], 'x', 7, {}, { event: 7 }, { event: '' }]) {
    t.match(read(content), { ok: false, reason: 'schema' })
  }
  const broken = { method: 'POST', url, headers: {}, body: Buffer.from('{') } as const
  t.match(retell.normalise(broken, receivedAt), { reason: 'unparseable_body' })
})
