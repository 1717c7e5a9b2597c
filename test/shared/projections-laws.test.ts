import { deepStrictEqual } from 'node:assert'
import * as fc from 'fast-check'
import { test } from 'tap'
import { eventTypes, phaseRank } from '@switchhook/shared/events'
import { isLate, mergeCalls, recordOf, stateOf } from '@switchhook/shared/projections'
import type { CallState, SequencedEvent } from '@switchhook/shared/projections'
import {
  agent,
  event,
  merged,
  permutations,
  record,
  stored,
  wholeCall,
} from './projections-sample.ts'

const legLimit = 64
const idLimit = 32

/** Names in the order of their numbers. */
const name = (index: number) => `n${String(index).padStart(3, '0')}`

test('every order of a call’s events ends in one record, and no step goes back', async (t) => {
  const expected = JSON.stringify(record(...wholeCall))
  const wrong: string[] = []
  let count = 0
  for (const order of permutations(wholeCall.map(stateOf))) {
    count += 1
    let state: CallState | undefined
    let rank = 0
    for (const arrived of order) {
      state = state ? mergeCalls(state, arrived) : arrived
      const { phase, legs } = recordOf(state, 'c1')
      const climbed = phaseRank[legs[0]?.phase ?? 'unknown']
      if (climbed < rank) wrong.push(`leg back to ${phase}`)
      if (phase !== (legs[0]?.phase ?? 'unknown')) wrong.push(`call ${phase}, leg ${climbed}`)
      rank = climbed
    }
    const text = JSON.stringify(recordOf(state!, 'c1'))
    if (text !== expected) wrong.push(text)
  }
  t.equal(count, 5040)
  t.strictSame(wrong, [])
})

test('an event that comes again changes nothing', async (t) => {
  const state = merged(wholeCall)
  for (const again of wholeCall) t.strictSame(mergeCalls(state, stateOf(again)), state)
  const renumbered = { ...wholeCall.at(-1)!, seq: 10 }
  t.strictSame(mergeCalls(state, stateOf(renumbered)), state, 'not even with a later number')
  t.strictSame(mergeCalls(stateOf(renumbered), state), state)
  t.strictSame(mergeCalls(state, state), state)
})

const second = fc.integer({ min: 0, max: 9 })
const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null })
const hostile = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  '1',
  '\u0000',
  '\uD800',
]

/** Few values of everything, so that ties and conflicts happen; ids repeat with other contents, too. */
const anyEvent: fc.Arbitrary<SequencedEvent> = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  type: fc.constantFrom(...eventTypes),
  provider: fc.constantFrom('telnyx', 'vapi', 'switchhook'),
  time: second.map((s) => `2026-09-21T14:13:0${s}.000Z`),
  order: fc.integer({ min: 0, max: 2 }),
  callId: fc.constantFrom('c1', 'c2'),
  providerIds: fc
    .uniqueArray(
      fc.tuple(fc.constantFrom('session', 'leg', ...hostile), fc.constantFrom('x', 'y', '')),
      {
        selector: ([field]) => field,
        maxLength: 5,
      },
    )
    .map((ids) => Object.fromEntries(ids)),
  joins: fc.constant([]),
  legId: maybe(fc.constantFrom('l1', 'l2', 'l3', ...hostile)),
  direction: maybe(fc.constantFrom('inbound', 'outbound')),
  from: maybe(fc.constantFrom('+1', '+2')),
  to: maybe(fc.constantFrom('+1', '+2')),
  agent: maybe(fc.constantFrom(agent('ada'), agent('ben'), { ...agent('ben'), email: null })),
  details: fc.constantFrom<Record<string, unknown>>(
    {},
    { cause: 'busy' },
    { cause: '' },
    { cause: 7 },
    { cause: 'stale', synthetic: true },
  ),
  rawType: fc.constant('raw'),
  seq: fc.integer({ min: 1, max: 20 }),
})
const anyEvents = fc.array(anyEvent, { minLength: 1, maxLength: 12 })
const anyCall = anyEvents.map(merged)

test('merging is commutative', async (t) => {
  const law = fc.property(anyCall, anyCall, (a, b) => {
    deepStrictEqual(mergeCalls(a, b), mergeCalls(b, a))
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 500 }))
})

test('merging is associative', async (t) => {
  const law = fc.property(anyCall, anyCall, anyCall, (a, b, c) => {
    deepStrictEqual(mergeCalls(a, mergeCalls(b, c)), mergeCalls(mergeCalls(a, b), c))
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 500 }))
})

test('merging is idempotent, and what is known already changes nothing', async (t) => {
  const law = fc.property(anyCall, anyCall, (a, b) => {
    const both = mergeCalls(a, b)
    deepStrictEqual(mergeCalls(a, a), a)
    deepStrictEqual(mergeCalls(both, a), both)
    deepStrictEqual(mergeCalls(b, both), both)
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 500 }))
})

test('any order, any duplicates and any store in between end in one record', async (t) => {
  const law = fc.property(
    anyEvents.chain((events) =>
      fc.tuple(
        fc.constant(events),
        fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
      ),
    ),
    ([events, shuffled]) => {
      const state = shuffled.map(stateOf).reduce((a, b) => stored(mergeCalls(a, b)))
      deepStrictEqual(recordOf(state, 'c1'), record(...events))
    },
  )
  t.doesNotThrow(() => fc.assert(law, { numRuns: 500 }))
})

test('no leg ever goes back, whatever happens to the call', async (t) => {
  const law = fc.property(anyEvents, (events) => {
    let known = new Map<string, number>()
    for (const [index] of events.entries()) {
      const { legs } = record(...events.slice(0, index + 1))
      const ranks = new Map(legs.map(({ id, phase }) => [id, phaseRank[phase]]))
      for (const [id, rank] of known) if (!(ranks.get(id)! >= rank)) return false
      known = ranks
    }
    return true
  })
  t.doesNotThrow(() => fc.assert(law))
})

test('merging leaves both sides as they were', async (t) => {
  const law = fc.property(anyCall, anyCall, (a, b) => {
    const before = JSON.stringify([a, b])
    recordOf(mergeCalls(a, b), 'c1')
    return JSON.stringify([a, b]) === before
  })
  t.doesNotThrow(() => fc.assert(law))
})

test('bounds', async (t) => {
  t.test('a call keeps the legs whose ids sort first, with all of their events', async (t) => {
    const legs = Array.from({ length: legLimit + 20 }, (_, index) => [
      event('call.answered', 30, { legId: name(index), id: `a${index}` }),
      event('call.initiated', 10, { legId: name(index), id: `i${index}` }),
    ]).flat()
    const upward = record(...legs)
    t.equal(upward.legs.length, legLimit)
    t.ok(upward.legs.every((leg) => leg.phase === 'answered' && leg.initiated_at !== null))
    t.strictSame(record(...legs.toReversed()).legs, upward.legs)
    t.strictSame([upward.legs[0]?.id, upward.legs.at(-1)?.id], [name(0), name(legLimit - 1)])
  })

  t.test(
    'a call keeps the provider ids whose names sort first, of one event as of many',
    async (t) => {
      const ids = Array.from({ length: idLimit + 20 }, (_, index) => [name(index), String(index)])
      const one = event('call.initiated', 1, { providerIds: Object.fromEntries(ids) })
      t.equal(Object.keys(record(one).provider_ids).length, idLimit)
      const many = ids.map((id, index) =>
        event('call.initiated', 1, { id: `i${index}`, providerIds: Object.fromEntries([id]) }),
      )
      t.same(record(...many).provider_ids, record(one).provider_ids)
      t.same(record(...many.toReversed()).provider_ids, record(one).provider_ids)
    },
  )

  t.test('a state does not grow with events that have nothing new to say', async (t) => {
    const dtmf = (second: number) => event('dtmf.received', second)
    const size = (count: number) =>
      JSON.stringify(merged(Array.from({ length: count }, (_, index) => dtmf(index + 10)))).length
    t.equal(size(50), size(2))
  })

  t.test('merging obeys its laws above the bounds too', async (t) => {
    const index = fc.integer({ min: 0, max: 99 })
    const crowd = fc
      .array(fc.tuple(anyEvent, index, index), { minLength: 60, maxLength: 120 })
      .map((some) =>
        merged(
          some.map(([one, leg, id]) => ({
            ...one,
            legId: name(leg),
            type: leg % 2 ? 'call.answered' : 'call.hangup',
            providerIds: { [name(id)]: name(leg) },
          })),
        ),
      )
    let full = 0
    const law = fc.property(crowd, crowd, crowd, (a, b, c) => {
      const all = mergeCalls(mergeCalls(a, b), c)
      if (all.legs.length === legLimit) full += 1
      deepStrictEqual(mergeCalls(a, mergeCalls(b, c)), all)
      deepStrictEqual(mergeCalls(c, mergeCalls(b, a)), all)
      deepStrictEqual(mergeCalls(all, b), all)
    })
    t.doesNotThrow(() => fc.assert(law, { numRuns: 50 }))
    t.ok(full > 0, 'some calls were full')
  })
})

test('a leg or an id named like a part of every object is a name like any other', async (t) => {
  const providerIds = JSON.parse('{"__proto__":"p","constructor":"c"}') as Record<string, string>
  const events = [
    event('call.initiated', 1, { legId: '__proto__', providerIds }),
    event('call.answered', 2, { legId: 'constructor', providerIds: { toString: 't' } }),
    event('call.hangup', 3, { legId: '__proto__', providerIds }),
  ]
  const state = events.map(stateOf).reduce((a, b) => stored(mergeCalls(a, b)))
  const { legs, provider_ids, phase } = stored(state) && recordOf(stored(state), 'c1')
  t.strictSame(
    legs.map((leg) => [leg.id, leg.phase]),
    [
      ['__proto__', 'ended'],
      ['constructor', 'answered'],
    ],
  )
  t.equal(phase, 'answered')
  t.strictSame(Object.entries(provider_ids), [
    ['__proto__', 'p'],
    ['constructor', 'c'],
    ['toString', 't'],
  ])
  t.equal(Object.getPrototypeOf(provider_ids), Object.prototype)
  t.equal(isLate(state, event('call.ringing', 9, { legId: '__proto__' })), true)
  t.equal(isLate(state, event('call.ringing', 9, { legId: 'hasOwnProperty' })), false)
})
