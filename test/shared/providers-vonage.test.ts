import { createHash, generateKeyPairSync } from 'node:crypto'
import { tokenGenerate } from '@vonage/jwt'
import * as fc from 'fast-check'
import jsonwebtoken from 'jsonwebtoken'
import { test } from 'tap'
import { vonage } from '@switchhook/shared/providers/vonage'
import { providerContract } from '../contracts/provider.ts'
import { vonageAccepts, vonageFixtures } from '../kit/providers/vonage.ts'
import type { Delivery } from '@switchhook/shared/providers'

const receivedAt = '2026-01-02T03:04:05.678Z'
const nowMs = 1_790_000_000_000
const now = nowMs / 1000
const url = 'https://calls.example.com/webhooks/vonage'
const { credential, signingKey } = vonage.simulator.newKeys()
const verify = vonage.verifier([credential], {})

function signedAt(seconds: number, body = Buffer.from('{}')) {
  return vonage.simulator.sign(body, { signingKey, nowSeconds: seconds, url, settings: {} })
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** A delivery with claims of its own, signed by another library. */
function claiming(claims: object, delivery: Partial<Delivery> = {}): Delivery {
  const json = JSON.stringify({ iat: now, ...claims })
  const token = jsonwebtoken.sign(json, credential, { algorithm: 'HS256' })
  const headers = { authorization: `Bearer ${token}` }
  return { method: 'POST', url, headers, body: Buffer.from('{}'), ...delivery }
}

/** A GET, signed over its parameters as Vonage does. */
function asked(query: string, signed: string): Delivery {
  const request = { method: 'GET', url: `${url}?${query}`, body: Buffer.alloc(0) } as const
  return claiming({ payload_hash: hashOf(signed) }, request)
}

test('vonage keeps the contract of a provider', async (t) =>
  providerContract(t, vonage, vonageFixtures()))

test('what either side signs, the other accepts, whatever the body', async (t) => {
  const text = fc.string({ unit: 'binary' }).map((any) => any.toWellFormed())
  const property = fc.asyncProperty(
    text,
    fc.integer({ min: now - 300, max: now + 300 }),
    async (body, iat) => {
      const theirs = claiming({ iat, payload_hash: hashOf(body) }, { body: Buffer.from(body) })
      const ours = signedAt(iat, Buffer.from(body))
      const verdicts = [await verify(theirs, nowMs), await verify(ours, nowMs)]
      return (
        vonageAccepts(ours, credential) &&
        verdicts.every((verdict) => verdict.ok && verdict.signedAt === iat)
      )
    },
  )
  await fc.assert(property, { numRuns: 500 })
  t.pass('500 bodies')
})

test("a token for the vendor's own API, signed with a private key, proves nothing", async (t) => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const headers = { authorization: `Bearer ${tokenGenerate('an-application', privateKey)}` }
  const verdict = await verify({ ...signedAt(now), headers }, nowMs)
  t.match(verdict, { code: 'alg_not_allowed', args: ['RS256'] })
})

test('a token may be 300 s away in either direction and no more', async (t) => {
  t.match(await verify(signedAt(now - 300), nowMs + 999), { ok: true, signedAt: now - 300 })
  t.match(await verify(signedAt(now + 300), nowMs), { ok: true, signedAt: now + 300 })
  t.match(await verify(signedAt(now - 301), nowMs), { code: 'timestamp_too_old', args: [301] })
  t.match(await verify(signedAt(now + 301), nowMs), { code: 'timestamp_in_future', args: [301] })
  const payload_hash = hashOf('{}')
  for (const iat of [undefined, null, String(now), -1, 1e300, {}]) {
    const timeless = await verify(claiming({ payload_hash, iat }), nowMs)
    t.match(timeless, { code: 'malformed_header' })
  }
  const fractional = claiming({ payload_hash, iat: now - 0.5 })
  t.match(await verify(fractional, nowMs), { ok: true, signedAt: now - 1 })
  const expired = claiming({ payload_hash, exp: now })
  t.match(await verify(expired, nowMs), { code: 'token_expired' })
})

test('the first thing that is wrong is told: token, time, hash, application', async (t) => {
  const strict = vonage.verifier([credential], { applicationId: 'ours' })
  const rogue = vonage.verifier([vonage.simulator.newKeys().credential], { applicationId: 'ours' })
  const told = (claims: object) => strict(claiming(claims), nowMs)
  const old = { iat: now - 1000, payload_hash: 'x' }
  t.match(await rogue(claiming(old), nowMs), { code: 'bad_signature' })
  t.match(await told(old), { code: 'timestamp_too_old' })
  t.match(await told({ payload_hash: 'x' }), { code: 'body_hash_mismatch' })
  for (const payload_hash of [undefined, null, '', 7, []]) {
    t.match(await told({ payload_hash }), { code: 'missing_payload_hash' })
  }
  const payload_hash = hashOf('{}')
  t.match(await told({ payload_hash: payload_hash.toUpperCase() }), { code: 'body_hash_mismatch' })
  t.match(await told({ payload_hash }), { code: 'wrong_application', args: [''] })
  const theirs = { payload_hash, application_id: 'theirs' }
  t.match(await told(theirs), { code: 'wrong_application', args: ['theirs'] })
  t.match(await told({ payload_hash, application_id: 'ours' }), { ok: true })
  t.match(await verify(claiming(theirs), nowMs), { ok: true }, 'any, if none is configured')
})

test('the header must come, come once, and be spelt in one way', async (t) => {
  const delivery = signedAt(now)
  const value = delivery.headers.authorization!
  const told = (authorization?: string | string[]) =>
    verify({ ...delivery, headers: { authorization } }, nowMs)
  t.match(await told(), { code: 'missing_header', args: ['authorization'] })
  t.match(await told(''), { code: 'missing_header' })
  for (const wrong of [
    [value],
    `${value}, ${value}`,
    value.replace('Bearer', 'bearer'),
    value.replace('Bearer ', 'Bearer  '),
    value.replace('Bearer ', ''),
    ` ${value}`,
    `${value} `,
    'Bearer ',
    'Basic YTpi',
  ]) {
    t.match(await told(wrong), { code: 'malformed_header', args: ['authorization'] })
  }
})

test('of a GET the parameters are signed, as JSON in their order', async (t) => {
  const query = 'uuid=u&10=b&2=a&from=%2B1202&status=answered&conversation_uuid=CON-1&timestamp='
  const json =
    '{"uuid":"u","10":"b","2":"a","from":"+1202","status":"answered","conversation_uuid":"CON-1","timestamp":""}'
  t.match(await verify(asked(query, json), nowMs), { ok: true })
  t.match(await verify(asked('', '{}'), nowMs), { ok: true })
  for (const changed of [`${query}x`, `${query}&a=`, query.replace('uuid=u&10=b', '10=b&uuid=u')]) {
    t.match(await verify(asked(changed, json), nowMs), { code: 'body_hash_mismatch' })
  }
  for (const broken of ['a=%', 'a=1&a=2', 'a=1&b=&a=1']) {
    t.match(await verify(asked(broken, '{"a":"1"}'), nowMs), { code: 'unparseable_body' })
  }
  const asPost = { ...asked(query, json), method: 'POST' } as const
  t.match(await verify(asPost, nowMs), { code: 'body_hash_mismatch' })
  const asGet = { ...signedAt(now, Buffer.from('{"a":1}')), method: 'GET' } as const
  t.match(await verify(asGet, nowMs), { code: 'body_hash_mismatch' })
})

test('a GET means what the same words mean in a body', async (t) => {
  const said = {
    from: '12025550133',
    to: '12025550131',
    uuid: 'u',
    conversation_uuid: 'CON-1',
    status: 'completed',
    direction: 'inbound',
    duration: '26',
    timestamp: '2026-09-21T14:13:50.500Z',
  }
  const body = Buffer.from(JSON.stringify(said))
  const post = vonage.normalise({ method: 'POST', url, headers: {}, body }, receivedAt)
  const query = new URLSearchParams(said).toString()
  const get = vonage.normalise(asked(query, ''), receivedAt)
  t.match(get, { ok: true, dedupeKey: 'u:completed:2026-09-21T14%3A13%3A50.500Z' })
  t.strictSame(get, post)
  for (const broken of ['a=%', 'a=1&a=2']) {
    t.match(vonage.normalise(asked(broken, ''), receivedAt), { ok: false, reason: 'schema' })
  }
})

test('a secret that is none is explained and never repeated', async (t) => {
  for (const [text, sentence] of [
    [`${credential} `, /space/],
    ['hunter2', /too short/],
  ] as const) {
    t.match(vonage.checkCredential(text), sentence)
    t.notOk(vonage.checkCredential(text)?.includes(text))
    t.throws(() => vonage.verifier([text], {}), { message: sentence })
  }
  t.equal(vonage.checkCredential(credential), null)
})
