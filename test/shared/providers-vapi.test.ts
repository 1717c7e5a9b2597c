import * as fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { test } from 'tap'
import { Value } from 'typebox/value'
import { defaultSettings, type Delivery } from '@switchhook/shared/providers'
import { vapi } from '@switchhook/shared/providers/vapi'
import { singleHeaders } from '../contracts/provider-fixtures.ts'
import { providerContract } from '../contracts/provider.ts'
import { vapiFixtures } from '../kit/providers/vapi.ts'

type Settings = Parameters<typeof vapi.verifier>[1]
type Hmac = NonNullable<Settings['hmac']>

const nowMs = 1_790_000_000_000
const now = nowMs / 1000
const url = 'https://calls.example.com/webhooks/vapi'
const content = Buffer.from('{"message":{"type":"hang"}}')
const { credential, signingKey } = vapi.simulator.newKeys()
const other = vapi.simulator.newKeys().credential
/** What makes Standard Webhooks of an HMAC credential at Vapi. */
const standard: Hmac = {
  payloadFormat: '{svix-id}.{timestamp}.{body}',
  signatureEncoding: 'base64',
  signaturePrefix: 'v1,',
  secretIsBase64: true,
  signatureHeader: 'Webhook-Signature',
  timestampHeader: 'Webhook-Timestamp',
  messageIdHeader: 'Webhook-Id',
}

function signed(settings: Settings, { body = content, seconds = now } = {}) {
  return vapi.simulator.sign(body, { signingKey, nowSeconds: seconds, url, settings })
}

function check(delivery: Delivery, settings: Settings) {
  return vapi.verifier([other, credential], settings)(delivery, nowMs)
}

function withHeader(delivery: Delivery, name: string, value?: string | string[]): Delivery {
  return { ...delivery, headers: { ...delivery.headers, [name]: value } }
}

test('vapi keeps the contract of a provider', async (t) =>
  providerContract(t, vapi, vapiFixtures()))

for (const [scheme, header] of [
  ['secret', 'x-vapi-secret'],
  ['bearer', 'authorization'],
] as const) {
  test(`by ${scheme} nothing but the whole secret in ${header} is accepted`, async (t) => {
    const delivery = signed({ scheme })
    const value = String(delivery.headers[header])
    t.strictSame(await check(delivery, { scheme }), { ok: true, credential: 1, signedAt: null })
    const told = (changed?: string | string[]) =>
      check(withHeader(delivery, header, changed), { scheme })
    t.match(await told(), { code: 'missing_header', args: [header] })
    t.match(await told(''), { code: 'missing_header', args: [header] })
    t.match(await told([value]), { code: 'malformed_header', args: [header] })
    for (const wrong of [
      value.slice(1),
      value.slice(0, -1),
      `${value} `,
      `${value}, ${value}`,
      value.toLowerCase(),
      value.repeat(1000),
      ' ',
    ]) {
      t.match(await told(wrong), { code: 'bad_secret', args: [header] })
    }
  })
}

test('a secret proves nothing where another scheme is set', async (t) => {
  const hmac = { scheme: 'hmac' } as const
  t.match(await check(signed({}), hmac), { code: 'missing_header', args: ['x-signature'] })
  t.match(await check(signed({}), { scheme: 'bearer' }), { code: 'missing_header' })
  t.match(await check(signed(hmac), {}), { code: 'missing_header', args: ['x-vapi-secret'] })
})

test('every make of an HMAC is verified, and covers what its format names', async () => {
  const header = fc.constantFrom('x-signature', 'X-Vapi-Signature', 'x-sig')
  const plan = fc.record<Hmac>({
    algorithm: fc.constantFrom('sha256', 'sha512', 'sha1'),
    signatureHeader: header,
    signaturePrefix: fc.constantFrom('', 'v1,', 'sha256='),
    signatureEncoding: fc.constantFrom('hex', 'base64'),
    secretIsBase64: fc.boolean(),
    payloadFormat: fc.constantFrom(
      '{timestamp}.{body}',
      '{body}',
      '{method}\n{url}\n{timestamp}\n{body}',
      '{svix-id}.{timestamp}.{body}',
      'v0:{timestamp}:{body}:{svix-id}',
    ),
  })
  const bytes = fc.uint8Array({ maxLength: 300 }).map((any) => Buffer.from(any))
  const property = fc.asyncProperty(plan, bytes, async (hmac, body) => {
    const settings: Settings = { scheme: 'hmac', hmac }
    const delivery = signed(settings, { body })
    const isTimed = hmac.payloadFormat!.includes('{timestamp}')
    const proven = await check(delivery, settings)
    const moved = await check({ ...delivery, url: `${url}/` }, settings)
    const stretched = { ...delivery, body: Buffer.concat([body, Buffer.from('x')]) }
    const changed = await check(stretched, settings)
    return (
      proven.ok &&
      proven.credential === 1 &&
      proven.signedAt === (isTimed ? now : null) &&
      moved.ok !== hmac.payloadFormat!.includes('{url}') &&
      !changed.ok
    )
  })
  await fc.assert(property, { numRuns: 1000 })
})

test('braces in a body are not placeholders', async (t) => {
  const body = Buffer.from('{"message":"{timestamp}{body}{url}"}')
  const settings: Settings = { scheme: 'hmac', hmac: { payloadFormat: '{body}{timestamp}' } }
  t.match(await check(signed(settings, { body }), settings), { ok: true })
})

test('one setting is Standard Webhooks, to its library as to us', async (t) => {
  const settings: Settings = { scheme: 'hmac', hmac: standard }
  const library = new Webhook(credential)
  const clock = t.intercept(Date, 'now', { value: () => nowMs })
  const text = fc.string({ unit: 'binary' }).map((any) => any.toWellFormed())
  const property = fc.asyncProperty(fc.jsonValue(), text, async (value, id) => {
    const body = Buffer.from(JSON.stringify(value))
    const ours = signed(settings, { body })
    library.verify(body.toString(), singleHeaders(ours.headers))
    const messageId = `msg_${Buffer.from(id).toString('hex').slice(0, 200)}`
    const theirs = {
      'webhook-id': messageId,
      'webhook-timestamp': String(now),
      'webhook-signature': library.sign(messageId, new Date(nowMs), body.toString()),
    }
    return (await check({ ...ours, headers: theirs }, settings)).ok
  })
  await fc.assert(property, { numRuns: 1000 })
  clock.restore()
  const prefixed = vapi.verifier([`whsec_${credential}`], settings)
  t.match(await prefixed(signed(settings), nowMs), { ok: true }, 'as senders show the secret')
})

test('the time may be in seconds or in milliseconds, 300 s away and no more', async (t) => {
  const settings: Settings = { scheme: 'hmac' }
  const at = (seconds: number) => check(signed(settings, { seconds }), settings)
  for (const unit of [1, 1000]) {
    t.match(await at((now - 300) * unit), { ok: true, signedAt: now - 300 })
    t.match(await at((now + 300) * unit), { ok: true, signedAt: now + 300 })
    t.match(await at((now - 301) * unit), { code: 'timestamp_too_old', args: [301] })
    t.match(await at((now + 301) * unit), { code: 'timestamp_in_future', args: [301] })
  }
  const stale = { ...signed(settings, { seconds: now - 301 }), body: Buffer.from('x') }
  t.match(await check(stale, settings), { code: 'timestamp_too_old' }, 'before the signature')
})

test('headers that are signed must come, come once, and be spelt in one way', async (t) => {
  const hmac = { ...standard, signatureEncoding: 'hex' } as const
  const settings: Settings = { scheme: 'hmac', hmac }
  const delivery = signed(settings)
  for (const name of ['webhook-signature', 'webhook-timestamp', 'webhook-id']) {
    const value = String(delivery.headers[name])
    const told = (changed?: string | string[]) =>
      check(withHeader(delivery, name, changed), settings)
    t.match(await told(), { code: 'missing_header', args: [name] })
    for (const wrong of [[value], `${value}, ${value}`, ` ${value}`, `${value} `]) {
      t.match(await told(wrong), { code: 'malformed_header', args: [name] })
    }
  }
  const signature = String(delivery.headers['webhook-signature'])
  const upper = `v1,${signature.slice(3).toUpperCase()}`
  for (const wrong of [upper, signature.slice(3), signature.slice(0, -2), `v2,${signature}`]) {
    const changed = withHeader(delivery, 'webhook-signature', wrong)
    t.match(await check(changed, settings), { code: 'malformed_header' })
  }
})

test('without a timestamp the default format is the body', async (t) => {
  const hmac = { includeTimestamp: false }
  const delivery = signed({ scheme: 'hmac', hmac })
  t.notOk(delivery.headers['x-timestamp'])
  const proven = { ok: true, signedAt: null }
  t.match(await check(delivery, { scheme: 'hmac', hmac }), proven)
  const same: Settings = { scheme: 'hmac', hmac: { payloadFormat: '{body}' } }
  t.match(await check(delivery, same), proven)
  const said = { includeTimestamp: false, payloadFormat: '{body}{timestamp}' }
  t.throws(() => vapi.verifier([credential], { scheme: 'hmac', hmac: said }), /includeTimestamp/)
})

test('settings that were never said are those of Vapi, and odd ones are refused', async (t) => {
  t.strictSame(Value.Default(vapi.Settings, {}), defaultSettings(vapi))
  t.match(defaultSettings(vapi), {
    scheme: 'secret',
    hmac: { algorithm: 'sha256', payloadFormat: '{timestamp}.{body}', signatureEncoding: 'hex' },
  })
  const isRight = (hmac: object) => Value.Check(vapi.Settings, { scheme: 'hmac', hmac })
  t.ok(isRight(standard))
  t.ok(isRight({}))
  t.ok(isRight({ payloadFormat: '{method}\n{url}\n{body}' }))
  t.notOk(isRight({ payloadFormat: '{timestamp}' }), 'the body is not signed')
  t.notOk(isRight({ payloadFormat: '{body}{nonce}' }))
  t.notOk(isRight({ payloadFormat: '{body}{' }))
  t.notOk(isRight({ signatureHeader: 'x signature' }))
  t.notOk(isRight({ algorithm: 'md5' }))
  t.notOk(isRight({ signature: 'x-signature' }))
})

test('a secret that is none is explained and never repeated', async (t) => {
  const wrong: [string, RegExp][] = [
    [`${credential} `, /space/],
    ['sécret-of-sixteen', /ASCII/],
    ['hunter2', /too short/],
  ]
  for (const [text, sentence] of wrong) {
    t.match(vapi.checkCredential(text), sentence)
    t.notOk(vapi.checkCredential(text)?.includes(text))
    t.throws(() => vapi.verifier([text], {}), { message: sentence })
  }
  t.equal(vapi.checkCredential(credential), null)
  const settings: Settings = { scheme: 'hmac', hmac: { secretIsBase64: true } }
  t.throws(() => vapi.verifier(['not base64 at all'.replaceAll(' ', '-')], settings), /base64/)
})
