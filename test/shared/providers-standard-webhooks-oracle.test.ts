import * as fc from 'fast-check'
import { test } from 'tap'
import { standardWebhooks } from '@switchhook/shared/providers/standard-webhooks'
import { libraryAccepts, signedByLibrary } from '../kit/standard-webhooks.ts'
import type { Delivery } from '@switchhook/shared/providers'

const receivedAt = '2026-01-02T03:04:05.678Z'
const nowMs = 1_790_000_000_000
const now = nowMs / 1000
const { simulator, verifier, checkCredential } = standardWebhooks
const { credential: known } = simulator.newKeys()
const verify = verifier([known], {})
const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const

const visible = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code))
const secretOf = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength, maxLength, size: 'max' })
    .map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`)
const message = fc.record({
  id: fc.string({ unit: visible, minLength: 1 }),
  at: fc.integer({ min: now - 300, max: now + 300 }),
  text: fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
  secret: secretOf(24, 64),
})

test('what the library signs is accepted, whatever the message and the secret', () => {
  const property = fc.asyncProperty(message, async (sent) => {
    const verdict = await verifier([known, sent.secret], {})(signedByLibrary(sent), nowMs)
    return verdict.ok && verdict.credential === 1
  })
  return fc.assert(property, { numRuns: 1000 })
})

test('what the simulator signs, the library accepts', async (t) => {
  t.intercept(Date, 'now', { value: () => nowMs })
  const property = fc.property(message, ({ text, at, secret }) => {
    const body = Buffer.from(text)
    const signing = { signingKey: secret, nowSeconds: at, url: '', settings: {} }
    return libraryAccepts(simulator.sign(body, signing), secret)
  })
  fc.assert(property, { numRuns: 1000 })
})

type Change = (delivery: Delivery) => Delivery

/** Changes one of the three headers, by what it was. */
function withHeader(
  name: (typeof names)[number],
  next: (was: string) => string | undefined,
): Change {
  return (delivery) => {
    const { headers } = delivery
    return { ...delivery, headers: { ...headers, [name]: next(String(headers[name] ?? '')) } }
  }
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  if (copy.length > 0) copy[at % copy.length]! ^= 1 << (at % 8)
  return copy
}

const anotherValue = fc.oneof(
  fc.string(),
  fc.base64String({ minLength: 44, maxLength: 44 }).map((text) => `v1,${text}`),
  fc.integer({ min: now - 400, max: now + 400 }).map(String),
  fc.constantFrom('', 'v1,', 'v1', ',', ' ', `0${now}`, `${now}.0`, `+${now}`, `${now}x`),
)
const neighbour = fc.constantFrom('v1,AAAA', 'v1', 'v2,AAAA', 'v1a,AAAA', 'x', '')
/** Ways in which a delivery may be changed under way, or by somebody who would like to. */
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.nat().map((at): Change => (delivery) => ({ ...delivery, body: flipped(delivery.body, at) })),
  fc
    .tuple(fc.constantFrom(...names), fc.nat())
    .map(([name, at]) =>
      withHeader(name, (was) => flipped(Buffer.from(was), at).toString('latin1')),
    ),
  fc.constantFrom(...names).map((name) => withHeader(name, () => undefined)),
  fc
    .tuple(fc.constantFrom(...names), anotherValue)
    .map(([name, value]) => withHeader(name, () => value)),
  neighbour.map((entry) => withHeader('webhook-signature', (was) => `${entry} ${was}`)),
  neighbour.map((entry) => withHeader('webhook-signature', (was) => `${was} ${entry}`)),
)

test('what the library refuses is refused, whatever was changed', async (t) => {
  t.intercept(Date, 'now', { value: () => nowMs })
  const at = fc.integer({ min: now - 310, max: now + 310 })
  const changes = fc.array(change, { maxLength: 2 })
  const counts = { accepted: 0, refused: 0 }
  const property = fc.asyncProperty(message, at, changes, async (sent, time, list) => {
    const signed = signedByLibrary({ ...sent, at: time, secret: known })
    const delivery = list.reduce((changed, apply) => apply(changed), signed)
    const { ok } = await verify(delivery, nowMs)
    counts[ok ? 'accepted' : 'refused'] += 1
    return !ok || libraryAccepts(delivery, known)
  })
  await fc.assert(property, { numRuns: 5000 })
  t.ok(counts.accepted > 500 && counts.refused > 500, 'both happened')
})

test('a secret that is usable is the same key to the library; a wrong one is never quoted', async (t) => {
  const respellings: readonly ((text: string) => string)[] = [
    (text) => text,
    (text) => text.slice('whsec_'.length),
    (text) => text.replace('whsec_', 'WHSEC_'),
    (text) => text.replace(/=+$/, ''),
    (text) => text.replaceAll('+', '-').replaceAll('/', '_'),
    (text) => `${text} `,
    (text) => text.replace(/.(=+)$/, 'B$1'),
  ]
  const counts = { usable: 0, wrong: 0 }
  const spelling = fc
    .tuple(secretOf(0, 80), fc.constantFrom(...respellings))
    .map(([text, respell]) => respell(text))
  const property = fc.asyncProperty(spelling, async (secret) => {
    const problem = checkCredential(secret)
    counts[problem === null ? 'usable' : 'wrong'] += 1
    if (problem !== null) return secret.length < 12 || !problem.includes(secret.slice(6))
    const delivery = signedByLibrary({ id: 'm1', at: now, text: '{}', secret })
    return (await verifier([secret], {})(delivery, nowMs)).ok
  })
  await fc.assert(property, { numRuns: 1000 })
  t.ok(counts.usable > 50 && counts.wrong > 50, 'both happened')
})

test('a message that is cut at another dot than its sender cut it is never an event', async (t) => {
  const words = fc.array(fc.constantFrom('m', String(now), '{}', '"', '{"a":'), { minLength: 1 })
  let matched = 0
  const property = fc.asyncProperty(words, words, async (idWords, textWords) => {
    const id = idWords.join('.')
    const text = JSON.stringify({ type: 'x', data: { note: textWords.join('.') } })
    const signed = signedByLibrary({ id, at: now, text, secret: known })
    const parts = `${id}.${now}.${text}`.split('.')
    for (const [cut, timestamp] of parts.entries()) {
      const name = parts.slice(0, cut).join('.')
      const forged = {
        ...signed,
        headers: { ...signed.headers, 'webhook-id': name, 'webhook-timestamp': timestamp },
        body: Buffer.from(parts.slice(cut + 1).join('.')),
      }
      if (name === id || !(await verify(forged, nowMs)).ok) continue
      matched += 1
      if (standardWebhooks.normalise(forged, receivedAt).ok) return false
    }
    return true
  })
  await fc.assert(property, { numRuns: 1000 })
  t.ok(matched > 50, 'such messages match')
})
