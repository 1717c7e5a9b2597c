import * as fc from 'fast-check'
import type { Test } from 'tap'
import { eventName, type CallEvent } from '@switchhook/shared/events'
import type { Delivery, Normalised, Provider } from '@switchhook/shared/providers'

/** A signed delivery and what must become of it. */
export interface Fixture {
  readonly id: string
  readonly config: { readonly public_keys?: readonly string[] }
  readonly clock_unix: number
  readonly request: {
    readonly headers: readonly (readonly [string, string])[]
    readonly body_base64: string
  }
  readonly expect: {
    readonly verdict: 'accept' | 'reject' | 'quarantine'
    readonly reason?: string
    readonly dedupe_key?: string
    readonly duplicate_of?: string | null
    readonly needs_config?: { readonly public_keys?: readonly string[] }
    readonly events: readonly Readonly<Record<string, unknown>>[]
  }
  readonly oracle: { readonly key: string; readonly accepts: boolean }
}

export interface ProviderFixtures {
  readonly deliveries: readonly Fixture[]
  /** The key names a fixture wants configured; `rotated` leaves out what only a rotation adds. */
  credentials(fixture: Fixture, rotated?: 'without the added key'): readonly string[]
  /** The vendor's own verifier, by the clock of Date.now: resolves to its verdict. */
  vendorAccepts(delivery: Delivery, credential: string): Promise<boolean>
  /** The headers that carry or are covered by the signature. */
  readonly signedHeaders: readonly string[]
  /** The credential with a name of keys.json. */
  credential(name: string): string
}

const receivedAt = '2026-01-02T03:04:05.678Z'

/** What every provider promises, whoever it is. */
export function providerContract(t: Test, provider: Provider, fixtures: ProviderFixtures): void {
  const seed = Math.floor(Math.random() * 2 ** 31)
  t.comment(`${provider.name}: random input of seed ${seed}`)
  t.test('every fixture gets its verdict, and a refused one its reason', (child) =>
    verdicts(child, provider, fixtures),
  )
  t.test('every authentic fixture means the events it lists', async (child) =>
    meanings(child, provider, fixtures),
  )
  t.test('two deliveries share a dedupe key exactly if they are one', async (child) =>
    dedupeKeys(child, provider, fixtures),
  )
  t.test('a flipped bit of a signed body or header is never accepted', () =>
    flippedBits(provider, fixtures, { numRuns: 1500, seed }),
  )
  t.test('no header makes a verifier throw or accept', () =>
    fuzzedHeaders(provider, fixtures, { numRuns: 10_000, seed }),
  )
  t.test('no body makes normalising throw, and every event can be stored', async () =>
    fuzzedBodies(provider, fixtures, { numRuns: 2000, seed }),
  )
  t.test("the vendor's verifier agrees with every fixture", (child) =>
    vendorVerdicts(child, fixtures),
  )
  t.test("the vendor's verifier and ours accept what the simulator signs", (child) =>
    simulated(child, provider, fixtures),
  )
}

/** The request as Node's HTTP parser hands it over: header names in lower case. */
export function deliveryOf({ request }: Fixture): Delivery {
  const headers = request.headers.map(([name, value]): [string, string] => [
    name.toLowerCase(),
    value,
  ])
  return {
    headers: Object.fromEntries(headers),
    body: Buffer.from(request.body_base64, 'base64'),
  }
}

async function verdicts(t: Test, provider: Provider, { deliveries, ...rest }: ProviderFixtures) {
  for (const fixture of deliveries) {
    const verify = provider.verifier(rest.credentials(fixture))
    const verdict = await verify(deliveryOf(fixture), fixture.clock_unix * 1000)
    if (fixture.expect.verdict === 'reject') {
      t.match(verdict, { ok: false, code: fixture.expect.reason }, fixture.id)
      continue
    }
    const keys = rest.credentials(fixture, 'without the added key')
    const added = rest.credentials(fixture).length > keys.length
    t.strictSame(verdict, { ok: true, credential: added ? keys.length : 0 }, fixture.id)
    if (!added) continue
    const before = await provider.verifier(keys)(deliveryOf(fixture), fixture.clock_unix * 1000)
    t.match(before, { ok: false, code: 'bad_signature' }, `${fixture.id} before the rotation`)
  }
}

function meanings(t: Test, provider: Provider, { deliveries }: ProviderFixtures): void {
  for (const fixture of deliveries) {
    if (fixture.expect.verdict === 'reject' || fixture.expect.duplicate_of) continue
    const meaning = provider.normalise(deliveryOf(fixture), receivedAt)
    const again = provider.normalise(deliveryOf(fixture), receivedAt)
    t.strictSame(meaning, again, `${fixture.id} means the same twice`)
    if (fixture.expect.verdict === 'quarantine') {
      t.match(meaning, { ok: false, reason: fixture.expect.reason }, fixture.id)
      continue
    }
    const events = meaning.ok ? meaning.events : []
    t.equal(events.length, fixture.expect.events.length, `${fixture.id}: number of events`)
    for (const [index, expected] of fixture.expect.events.entries()) {
      t.strictSame(listed(events[index]!, expected), withoutState(expected), fixture.id)
    }
  }
}

/** The fields of an event that a fixture lists, by the fixture's names. */
function listed(event: CallEvent, expected: Readonly<Record<string, unknown>>) {
  const fields: Record<string, unknown> = {
    type: event.type,
    legacy_event: eventName(event.type),
    call_id: event.callId,
    leg_id: event.legId,
    direction: event.direction,
    from: event.from,
    to: event.to,
    occurred_at: event.time,
    data: Object.fromEntries(
      Object.keys(expected.data ?? {}).map((key) => [key, event.details[key]]),
    ),
  }
  return Object.fromEntries(Object.keys(withoutState(expected)).map((key) => [key, fields[key]]))
}

/** Whether an event is late is known by who keeps the call, not by who reads one delivery. */
function withoutState(expected: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(expected).filter(([key]) => key !== 'late'))
}

function dedupeKeys(t: Test, provider: Provider, { deliveries }: ProviderFixtures): void {
  const theirs = new Map<string, string>()
  const ours = new Map<string, string>()
  for (const fixture of deliveries) {
    if (fixture.expect.dedupe_key === undefined) continue
    const meaning = provider.normalise(deliveryOf(fixture), receivedAt)
    if (!meaning.ok) {
      t.fail(`${fixture.id} has no dedupe key`)
      continue
    }
    const { dedupeKey, events } = meaning
    const first = theirs.get(fixture.expect.dedupe_key) ?? fixture.id
    theirs.set(fixture.expect.dedupe_key, first)
    t.equal(ours.get(dedupeKey) ?? fixture.id, first, fixture.id)
    ours.set(dedupeKey, first)
    t.equal(events[0]?.id, `${provider.name}:${dedupeKey}`, 'the id of the event is made of it')
  }
}

type Runs = { readonly numRuns: number; readonly seed: number }

function flippedBits(provider: Provider, fixtures: ProviderFixtures, runs: Runs): Promise<void> {
  const accepted = fixtures.deliveries.filter(({ expect }) => expect.verdict === 'accept')
  const flip = fc.record({
    fixture: fc.constantFrom(...accepted),
    part: fc.nat(5),
    at: fc.nat(),
    bit: fc.nat(7),
  })
  const property = fc.asyncProperty(flip, async ({ fixture, part, at, bit }) => {
    const delivery = deliveryOf(fixture)
    const name = fixtures.signedHeaders[part]
    const bytes = Buffer.from(
      name ? String(delivery.headers[name]) : delivery.body.toString('latin1'),
      'latin1',
    )
    bytes[at % bytes.length]! ^= 1 << bit
    const flipped = name
      ? { ...delivery, headers: { ...delivery.headers, [name]: bytes.toString('latin1') } }
      : { ...delivery, body: bytes }
    const verify = provider.verifier(fixtures.credentials(fixture))
    return !(await verify(flipped, fixture.clock_unix * 1000)).ok
  })
  return fc.assert(property, runs)
}

function fuzzedHeaders(provider: Provider, fixtures: ProviderFixtures, runs: Runs): Promise<void> {
  const [fixture] = fixtures.deliveries
  const { headers, body } = deliveryOf(fixture!)
  const verify = provider.verifier(fixtures.credentials(fixture!))
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
      const verdict = await verify({ headers: fuzzed, body: Buffer.concat([body, body]) }, nowMs)
      return (
        !verdict.ok && verdict.args.every((arg) => typeof arg === 'string' || Number.isFinite(arg))
      )
    },
  )
  return fc.assert(property, runs)
}

function fuzzedBodies(provider: Provider, fixtures: ProviderFixtures, runs: Runs): void {
  const accepted = fixtures.deliveries.filter(({ expect }) => expect.verdict === 'accept')
  const originals = accepted.map(
    (fixture) => JSON.parse(deliveryOf(fixture).body.toString()) as unknown,
  )
  const paths = originals.flatMap((original) =>
    pathsOf(original).map((path) => ({ original, path })),
  )
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('\0', '\ud800', 'constructor', '__proto__', 1e21),
  )
  const property = fc.property(fc.constantFrom(...paths), odd, ({ original, path }, value) => {
    const body = Buffer.from(JSON.stringify(replaced(original, path, value)))
    return storable(provider.normalise({ headers: {}, body }, receivedAt))
  })
  fc.assert(property, runs)
  const bytes = fc.property(fc.uint8Array(), (body) =>
    storable(provider.normalise({ headers: {}, body: Buffer.from(body) }, receivedAt)),
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

async function vendorVerdicts(t: Test, { deliveries, ...rest }: ProviderFixtures): Promise<void> {
  for (const fixture of deliveries) {
    const now = t.intercept(Date, 'now', { value: () => fixture.clock_unix * 1000 })
    const accepts = await rest.vendorAccepts(
      deliveryOf(fixture),
      rest.credential(fixture.oracle.key),
    )
    now.restore()
    t.equal(accepts, fixture.oracle.accepts, fixture.id)
  }
}

async function simulated(t: Test, provider: Provider, fixtures: ProviderFixtures) {
  const { simulator } = provider
  const { publicKey, privateKey } = simulator.newKeyPair()
  t.equal(provider.checkCredential(publicKey), null, 'its key is a credential')
  const verify = provider.verifier([simulator.newKeyPair().publicKey, publicKey])
  for (let call = 0; call < 20; call++) {
    for (const { body } of simulator.sampleCall({ random: Math.random, startMs: Date.now() })) {
      const nowMs = Date.now()
      const delivery = { headers: simulator.sign(body, privateKey, Math.floor(nowMs / 1000)), body }
      t.equal(await fixtures.vendorAccepts(delivery, publicKey), true)
      t.strictSame(await verify(delivery, nowMs), { ok: true, credential: 1 })
      t.equal(provider.normalise(delivery, receivedAt).ok, true)
    }
  }
}
