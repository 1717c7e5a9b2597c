import { generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'tap'
import type { CallEvent } from '@switchhook/shared/events'
import type { Delivery, Normalised } from '@switchhook/shared/providers'
import { standardWebhooks } from '@switchhook/shared/providers/standard-webhooks'
import { providerContract } from '../contracts/provider.ts'
import { standardWebhooksFixtures } from '../kit/providers/standard-webhooks.ts'
import { signedByLibrary } from '../kit/standard-webhooks.ts'

const receivedAt = '2026-01-02T03:04:05.678Z'
const nowMs = 1_790_000_000_000
const now = nowMs / 1000
const url = 'https://calls.example.com/webhooks/standard-webhooks'
const { simulator, verifier, checkCredential } = standardWebhooks
const { credential: secret } = simulator.newKeys()
const verify = verifier([secret], {})
const body = Buffer.from('{"type":"call.answered","data":{"call_id":"c1"}}')
const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const

function signedAt(seconds: number): Delivery {
  return simulator.sign(body, { signingKey: secret, nowSeconds: seconds, url, settings: {} })
}

/** A fresh delivery with other headers. */
function withHeaders(headers: Delivery['headers']): Delivery {
  const signed = signedAt(now)
  return { ...signed, headers: { ...signed.headers, ...headers } }
}

const signatureOf = ({ headers }: Delivery): string => String(headers['webhook-signature'])

function read(text: string, id: string | undefined = 'm1'): Normalised {
  const delivery = {
    method: 'POST',
    url,
    headers: { 'webhook-id': id },
    body: Buffer.from(text),
  } as const
  return standardWebhooks.normalise(delivery, receivedAt)
}

/** The event of a type and its data; undefined if it is not readable. */
function eventOf(type: string, data: unknown, rest: object = {}): CallEvent | undefined {
  const meaning = read(JSON.stringify({ type, data, ...rest }))
  return meaning.ok ? meaning.events[0] : undefined
}

test('standard-webhooks keeps the contract of a provider', async (t) =>
  providerContract(t, standardWebhooks, standardWebhooksFixtures()))

test('a credential that is none is explained', async (t) => {
  const of = (bytes: number): string => Buffer.alloc(bytes, 0xff).toString('base64')
  const wrong: [string, RegExp][] = [
    [of(32), /does not begin with whsec_/],
    [`whsec_${of(23)}`, /fewer than 24 bytes/],
    [`whsec_${of(65)}`, /more than 64 bytes/],
    [`whsec_${of(32).slice(0, 43)}`, /unpadded/],
    [`whsec_${Buffer.alloc(32, 0xff).toString('base64url')}=`, /base64url/],
    [`whsk_${of(64)}`, /private key.*whpk_/],
    [`whpk_${of(31)}`, /32 bytes/],
    ['', /does not begin with whsec_/],
  ]
  for (const [credential, sentence] of wrong) {
    t.match(checkCredential(credential), sentence)
    t.throws(() => verifier([credential], {}), { message: sentence })
  }
  for (const bytes of [24, 64]) t.equal(checkCredential(`whsec_${of(bytes)}`), null)
  const signing = { signingKey: of(32), nowSeconds: now, url, settings: {} }
  t.throws(() => simulator.sign(body, signing), { message: /does not begin with whsec_/ })
})

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

for (const name of names) {
  test(`${name} must come, and come once`, async (t) => {
    const twice = String(signedAt(now).headers[name])
    for (const value of [undefined, '']) {
      const verdict = await verify(withHeaders({ [name]: value }), nowMs)
      t.match(verdict, { code: 'missing_header', args: [name] })
    }
    for (const value of [[twice, twice], `${twice}, ${twice}`, ' ', 'ü']) {
      const verdict = await verify(withHeaders({ [name]: value }), nowMs)
      t.match(verdict, { code: 'malformed_header', args: [name] }, String(value))
    }
  })
}

test('a timestamp has one spelling', async (t) => {
  for (const value of [`0${now}`, `+${now}`, `${now}.0`, '1e9', '-1', '0x10', '9'.repeat(16)]) {
    const verdict = await verify(withHeaders({ 'webhook-timestamp': value }), nowMs)
    t.match(verdict, { code: 'malformed_header', args: ['webhook-timestamp'] }, value)
  }
})

test('of a list any signature may match, up to sixteen of them', async (t) => {
  const ours = signatureOf(signedAt(now))
  const signing = { signingKey: simulator.newKeys().signingKey, nowSeconds: now, url, settings: {} }
  const theirs = signatureOf(simulator.sign(body, signing))
  const codeOf = async (list: readonly string[]) => {
    const verdict = await verify(withHeaders({ 'webhook-signature': list.join(' ') }), nowMs)
    return verdict.ok ? 'ok' : verdict.code
  }
  t.equal(await codeOf([theirs, ours]), 'ok')
  t.equal(await codeOf(['v2,whatever', 'v9,', ours]), 'ok', 'versions yet to come are skipped')
  t.equal(await codeOf(['v2,whatever']), 'bad_signature')
  t.equal(await codeOf([theirs, theirs]), 'bad_signature')
  t.equal(await codeOf([...Array<string>(15).fill(theirs), ours]), 'ok')
  t.equal(await codeOf([...Array<string>(16).fill(theirs), ours]), 'malformed_header')
  for (const entry of [
    '',
    'x',
    ',x',
    'v1',
    'v1,',
    'v1,AAAA',
    'v1a,AAAA',
    `${ours},`,
    `v1,${ours}`,
  ]) {
    t.equal(await codeOf([entry, ours]), 'malformed_header', entry)
  }
})

test('a signature has one spelling', async (t) => {
  const value = signatureOf(signedAt(now))
  const spare = `${value.slice(0, -2)}${String.fromCharCode(value.charCodeAt(45) + 1)}=`
  t.same(Buffer.from(spare.slice(3), 'base64'), Buffer.from(value.slice(3), 'base64'))
  const verdict = await verify(withHeaders({ 'webhook-signature': spare }), nowMs)
  t.match(verdict, { code: 'malformed_header' })
})

test('a delivery goes by one set of header names', async (t) => {
  const signed = signedAt(now)
  const { headers } = signed
  const [id, timestamp, signature] = names.map((name) => headers[name])
  const svix = { 'svix-id': id, 'svix-timestamp': timestamp, 'svix-signature': signature }
  t.match(await verify({ ...signed, headers: svix }, nowMs), { ok: true })
  const both = { ...headers, ...svix, 'svix-id': 'another' }
  t.match(await verify({ ...signed, headers: both }, nowMs), { ok: true })
  t.match(standardWebhooks.normalise({ ...signed, headers: both }, receivedAt), { dedupeKey: id })
  const mixed = { ...svix, 'svix-id': undefined, 'webhook-id': id }
  t.match(await verify({ ...signed, headers: mixed }, nowMs), {
    code: 'missing_header',
    args: ['svix-id'],
  })
})

test('a public key proves v1a and nothing else', async (t) => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  const credential = `whpk_${raw.toString('base64')}`
  t.equal(checkCredential(credential), null)
  const asymmetric = `v1a,${sign(null, Buffer.from(`m1.${now}.${body.toString()}`), privateKey).toString('base64')}`
  const symmetric = signatureOf(signedByLibrary({ id: 'm1', at: now, text: String(body), secret }))
  const delivery = (...signatures: string[]): Delivery =>
    withHeaders({ 'webhook-id': 'm1', 'webhook-signature': signatures.join(' ') })
  const either = verifier([secret, credential], {})
  t.match(await either(delivery(asymmetric), nowMs), { ok: true, credential: 1, signedAt: now })
  t.match(await either(delivery(asymmetric, symmetric), nowMs), { ok: true, credential: 0 })
  const only = verifier([credential], {})
  t.match(await only(delivery(symmetric), nowMs), { code: 'bad_signature' })
  const forged = `v1a,${Buffer.alloc(64).toString('base64')}`
  t.match(await only(delivery(forged), nowMs), { code: 'bad_signature' })
  t.match(await only(delivery(forged, asymmetric), nowMs), { ok: true })
})

test('an event says who called whom in our words', async (t) => {
  const data = {
    call_id: 'c1',
    leg_id: 'l1',
    direction: 'inbound',
    from: '+12025550133',
    to: 'sip:101@pbx.example.com',
    agent: { id: 7, email: 'jane@example.com', name: '' },
    cause: 'busy',
    sip_code: '486',
    note: 'x',
  }
  const event = eventOf('call.hangup', data, { timestamp: '2026-09-21T14:13:20.076916Z' })
  t.strictSame(event, {
    id: 'standard-webhooks:m1',
    type: 'call.hangup',
    provider: 'standard-webhooks',
    time: '2026-09-21T14:13:20.076Z',
    order: 916,
    callId: 'c1',
    providerIds: { call_id: 'c1', leg_id: 'l1' },
    joins: [],
    legId: 'l1',
    direction: 'inbound',
    from: '+12025550133',
    to: 'sip:101@pbx.example.com',
    agent: { id: '7', email: 'jane@example.com', name: null },
    details: { cause: 'busy', sip_code: 486 },
    rawType: 'call.hangup',
  })
  const bare = eventOf('call.answered', { call_id: 9_007_199_254_740_991, from: 'anonymous' })
  t.match(bare, { callId: '9007199254740991', legId: null, direction: null, from: null, to: null })
  t.match(bare, { time: receivedAt, order: 0, agent: null, details: {} })
})

test('details keep to one vocabulary, each word in its form', async (t) => {
  const said = {
    call_id: 'c',
    url: 'javascript:alert(1)',
    channels: 'two',
    amount: 'free',
    text: 7,
  }
  t.strictSame(eventOf('call.recording.saved', said)?.details, {})
  const saved = { url: 'https://r.test/1.wav', format: 'wav', channels: 1, duration_ms: 1500 }
  t.strictSame(eventOf('call.recording.saved', { call_id: 'c', ...saved })?.details, saved)
  const cost = { call_id: 'c', amount: 0.5, currency: 'EUR' }
  t.strictSame(eventOf('call.cost', cost)?.details, { amount: '0.5', currency: 'EUR' })
})

test('data may be squashed into the top level', async (t) => {
  const meaning = read('{"type":"call.answered","call_id":"c1","from":"+12025550133"}')
  t.match(meaning, { events: [{ callId: 'c1', from: '+12025550133' }] })
})

test('a type that is not ours is kept with its data', async (t) => {
  for (const type of [
    'invoice.paid',
    'provider.event',
    'constructor',
    '__proto__',
    'call-answered',
  ]) {
    const event = eventOf(type, { amount: 7, nested: { a: [1] } })
    t.match(event, { type: 'provider.event', callId: null, rawType: type })
    t.strictSame(event?.details, {
      provider_type: type,
      payload: { amount: 7, nested: { a: [1] } },
    })
  }
})

test('what is about a call names it; an account or a mailbox has none', async (t) => {
  t.match(read('{"type":"call.answered","data":{}}'), {
    ok: false,
    reason: 'schema',
    detail: /call_id/,
  })
  t.match(read('{"type":"dtmf.received","data":{"call_id":null}}'), { reason: 'schema' })
  t.match(eventOf('voicemail.received', { from: '+12025550133' }), { callId: null })
  t.match(eventOf('agent.status.changed', { status: 'away' }), { details: { status: 'away' } })
})

test('what cannot be read says why', async (t) => {
  const wrong: [string, string, RegExp][] = [
    ['<xml/>', 'unparseable_body', /not JSON/],
    ['', 'unparseable_body', /not JSON/],
    ['[]', 'schema', /body/],
    ['{"data":{}}', 'schema', /type/],
    ['{"type":7,"data":{}}', 'schema', /type/],
    ['{"type":"x","data":null}', 'schema', /data/],
    ['{"type":"x","data":"y"}', 'schema', /data/],
  ]
  for (const [text, reason, detail] of wrong) t.match(read(text), { ok: false, reason, detail })
  t.match(read('{"type":"x"}', ''), { ok: false, reason: 'schema', detail: /webhook-id/ })
})

test('ids are bounded, keys are only data, and depth does not matter', async (t) => {
  t.match(read('{"type":"x"}', 'a'.repeat(129)), { dedupeKey: /^sha256:[0-9a-f]{64}$/ })
  const proto = read('{"type":"x","data":{"__proto__":{"call_id":"c1"}}}')
  t.match(proto, { events: [{ callId: null }] })
  const deep = read(`{"type":"x","data":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`)
  t.match(JSON.stringify(structuredClone(deep)), '[[[[')
})
