import * as fc from 'fast-check'
import { deliveryOf, type ProviderFixtures, type SignedPart } from './provider-fixtures.ts'
import type { Delivery, Normalised, Provider } from '@switchhook/shared/providers'

const receivedAt = '2026-01-02T03:04:05.678Z'

export type Runs = { readonly numRuns: number; readonly seed: number }

/** Flips one bit of what a signature covers, so many times for each scheme: never accepted. */
export async function flippedBits(
  provider: Provider,
  fixtures: ProviderFixtures,
  runs: Runs,
): Promise<void> {
  const accepted = fixtures.deliveries.filter(({ expect }) => expect.verdict === 'accept')
  const schemes = Map.groupBy(accepted, ({ config }) => String(config['scheme']))
  for (const deliveries of schemes.values()) {
    await fc.assert(flippedBit(provider, { ...fixtures, deliveries }), runs)
  }
}

function flippedBit(provider: Provider, fixtures: ProviderFixtures) {
  const flip = fc.record({
    fixture: fc.constantFrom(...fixtures.deliveries),
    part: fc.nat(7),
    at: fc.nat(),
    bit: fc.nat(7),
  })
  return fc.asyncProperty(flip, async ({ fixture, part, at, bit }) => {
    const delivery = deliveryOf(fixture)
    const parts = fixtures
      .signedParts(fixture)
      .filter((name) => name !== 'body' || delivery.body.length > 0)
    const flipped = withFlippedBit(delivery, { name: parts[part % parts.length]!, at, bit })
    const verify = provider.verifier(fixtures.credentials(fixture), fixtures.settings(fixture))
    return !(await verify(flipped, fixture.clock_unix * 1000)).ok
  })
}

interface Flip {
  readonly name: SignedPart
  readonly at: number
  readonly bit: number
}

function withFlippedBit(delivery: Delivery, { name, at, bit }: Flip): Delivery {
  const flip = (text: string): string => {
    const bytes = Buffer.from(text, 'latin1')
    bytes[at % bytes.length]! ^= 1 << bit
    return bytes.toString('latin1')
  }
  const { url, headers, body } = delivery
  if (name === 'url') return { ...delivery, url: flip(url) }
  if (name === 'body')
    return { ...delivery, body: Buffer.from(flip(body.toString('latin1')), 'latin1') }
  return { ...delivery, headers: { ...headers, [name]: flip(String(headers[name])) } }
}

/** Any headers whatever: refused, and in words. */
export function fuzzedHeaders(
  provider: Provider,
  fixtures: ProviderFixtures,
  runs: Runs,
): Promise<void> {
  const [fixture] = fixtures.deliveries
  const { headers, body, ...rest } = deliveryOf(fixture!)
  const verify = provider.verifier(fixtures.credentials(fixture!), fixtures.settings(fixture!))
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.base64String({ minLength: 80, maxLength: 96 }),
    fc.bigInt({ min: 0n, max: 10n ** 20n }).map(String),
    fc.constantFrom(
      '',
      ' ',
      'null',
      'NaN',
      '-1',
      '1e9',
      '0x10',
      ...Object.values(headers).map(String),
    ),
  )
  const value = fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.constant(undefined))
  const names = fc.constantFrom(...Object.keys(headers), '__proto__', 'constructor')
  const property = fc.asyncProperty(
    fc.dictionary(names, value),
    fc.nat(2 ** 41),
    async (fuzzed, nowMs) => {
      const doubled = Buffer.concat([body, body])
      const verdict = await verify({ ...rest, headers: fuzzed, body: doubled }, nowMs)
      return (
        !verdict.ok && verdict.args.every((arg) => typeof arg === 'string' || Number.isFinite(arg))
      )
    },
  )
  return fc.assert(property, runs)
}

/** Any body whatever, authentic ones with one odd value foremost: readable or not, never a throw. */
export function fuzzedBodies(provider: Provider, fixtures: ProviderFixtures, runs: Runs): void {
  const accepted = fixtures.deliveries.filter(({ expect }) => expect.verdict === 'accept')
  const paths = accepted.map(deliveryOf).flatMap((delivery) => {
    const original = fixtures.content.read(delivery)
    return pathsOf(original).map((path) => ({ delivery, original, path }))
  })
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('\0', '\ud800', 'constructor', '__proto__', 1e21),
  )
  const property = fc.property(
    fc.constantFrom(...paths),
    odd,
    ({ delivery, original, path }, value) => {
      const odd = fixtures.content.write(delivery, replaced(original, path, value))
      return storable(provider.normalise(odd, receivedAt))
    },
  )
  fc.assert(property, runs)
  const first = deliveryOf(accepted[0]!)
  const headers = fc.constantFrom({}, first.headers)
  const bytes = fc.property(headers, fc.uint8Array(), (headers, body) =>
    storable(provider.normalise({ ...first, headers, body: Buffer.from(body) }, receivedAt)),
  )
  fc.assert(bytes, runs)
}

function pathsOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [[]]
  const below = Object.entries(value).flatMap(([key, item]) =>
    pathsOf(item).map((path) => [key].concat(path)),
  )
  return [[], ...below]
}

function replaced(original: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined || typeof original !== 'object' || original === null) return value
  const fields = new Map<string, unknown>(Object.entries(original))
  return Object.fromEntries(fields.set(key, replaced(fields.get(key), rest, value)))
}

/** Events cross a thread, and their ids, numbers and times go into text columns. */
function storable(meaning: Normalised): boolean {
  if (!meaning.ok) return true
  return meaning.events.every((event) => {
    JSON.stringify(structuredClone(event))
    const { providerIds, ...columns } = event
    const texts = [meaning.dedupeKey, ...Object.values(providerIds), ...Object.values(columns)]
    return texts.every(
      (text) => typeof text !== 'string' || (text.isWellFormed() && !text.includes('\0')),
    )
  })
}
