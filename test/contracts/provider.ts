import type { Test } from 'tap'
import { eventName, type Agent, type CallEvent } from '@switchhook/shared/events'
import { defaultSettings, type Provider } from '@switchhook/shared/providers'
import { deliveryOf, type Fixture, type ProviderFixtures } from './provider-fixtures.ts'
import { flippedBits, fuzzedBodies, fuzzedHeaders } from './provider-fuzz.ts'

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
  t.test('a flipped bit of what is signed is never accepted, in any scheme', () =>
    flippedBits(provider, fixtures, { numRuns: 300, seed }),
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
  t.test('a full sample call is one call from its beginning to its end', async (child) =>
    fullSample(child, provider),
  )
}

async function verdicts(t: Test, provider: Provider, { deliveries, ...rest }: ProviderFixtures) {
  for (const fixture of deliveries) {
    const settings = rest.settings(fixture)
    const verify = provider.verifier(rest.credentials(fixture), settings)
    const verdict = await verify(deliveryOf(fixture), fixture.clock_unix * 1000)
    if (fixture.expect.verdict === 'reject') {
      t.match(verdict, { ok: false, code: fixture.expect.reason }, fixture.id)
      continue
    }
    const keys = rest.credentials(fixture, 'without the added key')
    const added = rest.credentials(fixture).length > keys.length
    t.match(verdict, { ok: true, credential: added ? keys.length : 0 }, fixture.id)
    if (!added) continue
    const others = provider.verifier(keys, settings)
    const before = await others(deliveryOf(fixture), fixture.clock_unix * 1000)
    t.match(before, { ok: false, code: /^bad_s/ }, `${fixture.id} before the rotation`)
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
    // A provider that tells no time leaves the one of our clock.
    occurred_at: expected.occurred_at === null && event.time === receivedAt ? null : event.time,
    agent: agentOf(event, expected.agent),
    data: Object.fromEntries(
      Object.keys(expected.data ?? {}).map((key) => [key, event.details[key]]),
    ),
  }
  return Object.fromEntries(Object.keys(withoutState(expected)).map((key) => [key, fields[key]]))
}

/** The fields of an agent that are listed. */
function agentOf({ agent }: CallEvent, expected: unknown) {
  if (typeof expected !== 'object' || expected === null || !agent) return agent
  return Object.fromEntries(Object.keys(expected).map((key) => [key, agent[key as keyof Agent]]))
}

/** Whether an event is late is known by who keeps the call, not by who reads one delivery. */
function withoutState(expected: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(expected).filter(([key]) => key !== 'late'))
}

function dedupeKeys(t: Test, provider: Provider, { deliveries }: ProviderFixtures): void {
  const accepted = deliveries.filter(({ expect }) => expect.verdict === 'accept')
  const originalOf = ({ id, expect }: Fixture): string => expect.duplicate_of ?? id
  const owners = new Map<string, string>()
  for (const fixture of accepted) {
    const meaning = provider.normalise(deliveryOf(fixture), receivedAt)
    if (!meaning.ok) {
      t.fail(`${fixture.id} has no dedupe key`)
      continue
    }
    const { dedupeKey, events } = meaning
    t.equal(events[0]?.id, `${provider.name}:${dedupeKey}`, 'the id of the event is made of it')
    t.equal(new Set(events.map(({ id }) => id)).size, events.length, 'no two events share an id')
    if (!isCompared(fixture)) continue
    const original = originalOf(fixture)
    t.equal(owners.get(dedupeKey) ?? original, original, fixture.id)
    owners.set(dedupeKey, original)
  }
  const originals = new Set(accepted.filter(isCompared).map(originalOf))
  t.equal(owners.size, originals.size, 'copies have the key of the first')
}

/** A fixture without a key is delivered to an empty store, and may repeat what another one says. */
function isCompared({ expect }: Fixture): boolean {
  return Boolean(expect.dedupe_key ?? expect.duplicate_of)
}

async function vendorVerdicts(t: Test, { deliveries, ...rest }: ProviderFixtures): Promise<void> {
  for (const fixture of deliveries) {
    const { key, accepts: expected } = fixture.oracle
    if (!rest.vendorAccepts || key === undefined || expected === null) continue
    const now = t.intercept(Date, 'now', { value: () => fixture.clock_unix * 1000 })
    const accepts = await rest.vendorAccepts(deliveryOf(fixture), rest.credential(key))
    now.restore()
    t.equal(accepts, expected, fixture.id)
  }
}

async function simulated(t: Test, provider: Provider, fixtures: ProviderFixtures) {
  const { simulator } = provider
  const { credential, signingKey } = simulator.newKeys()
  t.equal(provider.checkCredential(credential), null, 'its key is a credential')
  const settings = defaultSettings(provider)
  const verify = provider.verifier([simulator.newKeys().credential, credential], settings)
  const url = `https://calls.example.com/webhooks/${provider.name}`
  for (let call = 0; call < 20; call++) {
    const startMs = Date.now() - 600_000
    for (const { content } of simulator.sampleCall({ random: Math.random, startMs })) {
      const nowMs = Date.now()
      const signing = { signingKey, nowSeconds: Math.floor(nowMs / 1000), url, settings }
      const delivery = simulator.sign(content, signing)
      if (fixtures.vendorAccepts) t.ok(await fixtures.vendorAccepts(delivery, credential))
      t.match(await verify(delivery, nowMs), { ok: true, credential: 1 })
      const meaning = provider.normalise(delivery, receivedAt)
      t.match(meaning, { ok: true, events: [{}] })
      const retry = simulator.sign(content, { ...signing, nowSeconds: signing.nowSeconds + 5 })
      t.strictSame(provider.normalise(retry, receivedAt), meaning, 'a retry')
    }
  }
}

function fullSample(t: Test, provider: Provider): void {
  const { simulator } = provider
  const startMs = 1_790_000_000_000
  const { signingKey } = simulator.newKeys()
  const url = `https://calls.example.com/webhooks/${provider.name}`
  const signing = { signingKey, nowSeconds: 0, url, settings: defaultSettings(provider) }
  const sample = simulator.sampleCall({ random: Math.random, startMs, full: true })
  const events = sample.flatMap(({ content }) => {
    const meaning = provider.normalise(simulator.sign(content, signing), receivedAt)
    return meaning.ok ? meaning.events : []
  })
  const names = new Set(events.map(({ type }) => type))
  t.ok(names.has('call.answered') && names.has('call.hangup'), 'it is answered and ends')
  t.equal(new Set(events.map(({ id }) => id)).size, events.length, 'ids are fresh')
  t.equal(new Set(events.map(({ callId }) => callId)).size, 1, 'it is one call')
  const due = sample.map(({ afterMs }) => afterMs)
  t.strictSame(
    due.toSorted((a, b) => a - b),
    due,
    'in order',
  )
}
