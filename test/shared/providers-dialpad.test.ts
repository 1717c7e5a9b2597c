import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import jsonwebtoken from 'jsonwebtoken'
import { test } from 'tap'
import { dialpad } from '@switchhook/shared/providers/dialpad'
import { providerContract } from '../contracts/provider.ts'
import { dialpadFixtures, tokenAccepted } from '../kit/providers/dialpad.ts'
import type { Delivery } from '@switchhook/shared/providers'

const nowMs = 1_790_000_000_000
const now = nowMs / 1000
const url = 'https://calls.example.com/webhooks/dialpad'
const header = 'x-dialpad-signature'
const jwt = { scheme: 'jwt' } as const
const hmac = { scheme: 'hmac-sha256-header' } as const
const { credential, signingKey } = dialpad.simulator.newKeys()
const verifyToken = dialpad.verifier([credential], jwt)
const verifyHeader = dialpad.verifier([credential], hmac)

function signed(content: unknown, settings: typeof jwt | typeof hmac = jwt) {
  const body = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
  return dialpad.simulator.sign(body, { signingKey, nowSeconds: now, url, settings })
}

function verify(content: unknown) {
  return verifyToken(signed(content), nowMs)
}

function withBody(delivery: Delivery, change: (text: string) => string): Delivery {
  return { ...delivery, body: Buffer.from(change(delivery.body.toString())) }
}

test('dialpad keeps the contract of a provider', async (t) =>
  providerContract(t, dialpad, dialpadFixtures()))

test('what either side signs, the other accepts, whatever the payload', async (t) => {
  const payloads = fc.record({
    call_id: fc.bigInt({ min: 0n, max: 10n ** 20n }).map(String),
    state: fc.string(),
    transcription_text: fc.string({ unit: 'binary' }).map((any) => any.toWellFormed()),
    event_timestamp: fc.integer({ min: nowMs - 900_000, max: nowMs + 120_000 }),
  })
  const property = fc.asyncProperty(payloads, async (payload) => {
    const json = JSON.stringify(payload)
    const theirs = jsonwebtoken.sign(json, credential, { algorithm: 'HS256' })
    const [ours, wrapped] = [signed(json), { ...signed(json), body: Buffer.from(`"${theirs}"`) }]
    const byHeader = signed(json, hmac)
    const digest = createHmac('sha256', credential).update(json).digest('hex')
    return (
      (await verifyToken(wrapped, nowMs)).ok &&
      (await tokenAccepted(ours.body.toString(), credential)) &&
      byHeader.headers[header] === digest &&
      (await verifyHeader(byHeader, nowMs)).ok
    )
  })
  await fc.assert(property, { numRuns: 500 })
  t.pass('500 payloads')
})

test('an event may be 900 s old or 120 s ahead, and without a time it passes', async (t) => {
  const told = (event_timestamp?: unknown) => verify({ state: 'hold', event_timestamp })
  for (const ok of [nowMs, nowMs - 900_000, nowMs + 120_999, String(nowMs)]) {
    t.match(await told(ok), { ok: true, signedAt: null })
  }
  t.match(await told(nowMs - 900_001), { code: 'timestamp_too_old', args: [901] })
  t.match(await told(nowMs + 121_000), { code: 'timestamp_in_future', args: [121] })
  t.match(await told(0), { code: 'timestamp_too_old' })
  for (const unreadable of [undefined, null, '', 'soon', -1, 1e300, [nowMs]]) {
    t.match(await told(unreadable), { ok: true })
  }
  const old = signed({ event_timestamp: 1 }, hmac)
  t.match(await verifyHeader(old, nowMs), { code: 'timestamp_too_old' })
})

test('the time of an unproven event is not looked at', async (t) => {
  const rogue = dialpad.verifier([dialpad.simulator.newKeys().credential], jwt)
  t.match(await rogue(signed({ event_timestamp: 1 }), nowMs), { code: 'bad_signature' })
})

test('the body is a token, as it is or as a JSON string, and one line end may follow', async (t) => {
  const delivery = signed({ state: 'hold' })
  const told = (change: (text: string) => string) => verifyToken(withBody(delivery, change), nowMs)
  for (const same of [
    (text: string) => `${text}\n`,
    (text: string) => `${text}\r\n`,
    (text: string) => `"${text}"`,
    (text: string) => `"${text}"\n`,
  ]) {
    t.match(await told(same), { ok: true })
    const meaning = dialpad.normalise(withBody(delivery, same), 'now')
    t.match(meaning, { events: [{ type: 'call.held' }] })
  }
  for (const other of [
    (text: string) => ` ${text}`,
    (text: string) => `${text}\n\n`,
    (text: string) => `"${text}`,
    (text: string) => `${text}"`,
    (text: string) => `{"jwt":"${text}"}`,
    () => '',
    () => '{"state":"hold"}',
  ]) {
    t.match(await told(other), { code: 'missing_signature' })
  }
})

test('a scheme that is not configured proves nothing', async (t) => {
  t.match(await verifyToken(signed({}, hmac), nowMs), { code: 'missing_signature' })
  t.match(await verifyHeader(signed({}), nowMs), { code: 'missing_header', args: [header] })
  const unset = dialpad.verifier([credential], {})
  t.match(await unset(signed({}), nowMs), { ok: true }, 'a token if nothing is said')
})

test('the header is hexadecimal, with a prefix or without, or base64, and one spelling of each', async (t) => {
  const delivery = signed({ state: 'hold' }, hmac)
  const hex = delivery.headers[header]!
  const base64 = Buffer.from(hex, 'hex').toString('base64')
  const told = (value: string | string[]) =>
    verifyHeader({ ...delivery, headers: { [header]: value } }, nowMs)
  for (const right of [hex, `sha256=${hex}`, base64]) t.match(await told(right), { ok: true })
  for (const wrong of [
    hex.toUpperCase(),
    `SHA256=${hex}`,
    `sha256=${base64}`,
    `v1=${hex}`,
    ` ${hex}`,
    `${hex}, ${hex}`,
    base64.slice(0, -1),
    Buffer.from(hex, 'hex').toString('base64').replace('=', ''),
    [hex, hex],
  ]) {
    t.match(await told(wrong), { code: 'malformed_header', args: [header] })
  }
  for (const short of [hex.slice(2), `${hex}00`, 'ab']) {
    t.match(await told(short), { code: 'bad_signature' })
  }
})

test('a secret that is none is explained and never repeated', async (t) => {
  for (const [text, sentence] of [
    [`${credential} x`, /space/],
    ['hunter2', /too short/],
  ] as const) {
    t.match(dialpad.checkCredential(text), sentence)
    t.notOk(dialpad.checkCredential(text)?.includes(text))
    t.throws(() => dialpad.verifier([text], jwt), { message: sentence })
  }
  t.equal(dialpad.checkCredential(credential), null)
})
