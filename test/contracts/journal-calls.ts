import * as fc from 'fast-check'
import type { Test } from 'tap'
import { phaseRank } from '@switchhook/shared/events'
import type { CallEvent, EventData } from '@switchhook/shared/events'
import type { Appended, JournalRow } from '@switchhook/shared/journal'
import { mergeCalls, recordOf, stateOf, type CallState } from '@switchhook/shared/projections'
import { openedJournal as opened, type OpenStore } from '../kit/opened-journal.ts'
import { seeded } from '../kit/random.ts'
import { sampleDelivery as delivery, sampleEvent as event } from '../kit/sample.ts'

const rowsOf = (appended: readonly Appended[]): JournalRow[] =>
  appended.flatMap((one) => (one.status === 'accepted' ? [...one.rows] : []))
const dataOf = ({ data }: JournalRow): EventData => JSON.parse(data) as EventData
const told = (callId: string, joins: string[] = [], options: Partial<CallEvent> = {}) =>
  event({ callId, joins, legId: null, providerIds: {}, ...options })

/** What every journal promises of calls that go by several ids. */
export function callsContract(t: Test, openStore: OpenStore): void {
  t.test('an id that an event names leads to its call, before and after a restart', async (t) => {
    const before = await opened(t, openStore, 'aliases')
    const { journal, app } = before
    await journal.append([delivery(app, [told('a', ['b', 'c', 'b', '', 'a'])])])
    const rows = rowsOf(await journal.append([delivery(app, [told('b', ['a'])])]))
    t.strictSame([rows[0]!.call, dataOf(rows[0]!).call?.id], ['a', 'a'])
    t.notOk('merged' in dataOf(rows[0]!).call!)
    t.strictSame(await before.stored.aliases(app), [
      ['b', 'a'],
      ['c', 'a'],
    ])
    await before.store.close()
    const after = await opened(t, openStore, 'aliases')
    t.strictSame(
      await Promise.all(['a', 'b', 'c', 'x'].map((id) => after.journal.resolveCall(app, id))),
      ['a', 'a', 'a', undefined],
    )
    const [row] = rowsOf(await after.journal.append([delivery(app, [told('c')])]))
    t.equal(row!.call, 'a')
    t.equal((await after.journal.liveCalls(app, 10)).calls.length, 1)
  })

  t.test('an event that names two calls makes them one, which keeps the older id', async (t) => {
    const { journal, app, stored } = await opened(t, openStore, 'merge')
    await journal.append([delivery(app, [told('a', ['a2'], { type: 'call.answered' })])])
    await journal.append([delivery(app, [told('b', ['b2'])])])
    const [row] = rowsOf(await journal.append([delivery(app, [told('b2', ['a2'])])]))
    t.equal(row!.call, 'a')
    t.match(dataOf(row!), { call: { id: 'a', merged: ['b'] }, state: { phase: 'answered' } })
    t.strictSame(
      (await stored.calls(app)).map(({ id, legs }) => [id, legs.map((leg) => leg.id)]),
      [['a', ['a', 'b', 'b2']]],
      'two calls without legs stay two legs',
    )
    t.strictSame(await stored.aliases(app), [
      ['a2', 'a'],
      ['b', 'a'],
      ['b2', 'a'],
    ])
    const [next] = rowsOf(await journal.append([delivery(app, [told('b')])]))
    t.equal(next!.call, 'a', 'an old id finds the same record')
  })

  t.test('calls of one batch are made, found and joined in its order', async (t) => {
    const { journal, app, stored } = await opened(t, openStore, 'batch')
    const events = [told('a'), told('b'), told('c', ['b']), told('d', ['a', 'c']), told('b')]
    const rows = rowsOf(await journal.append(events.map((one) => delivery(app, [one]))))
    t.strictSame(
      rows.map(({ call }) => call),
      ['a', 'b', 'b', 'a', 'a'],
    )
    t.strictSame(dataOf(rows[3]!).call?.merged, ['b'])
    t.strictSame(await stored.aliases(app), [
      ['b', 'a'],
      ['c', 'a'],
      ['d', 'a'],
    ])
  })

  t.test('an event joins sixteen other ids at most', async (t) => {
    const { journal, app, stored } = await opened(t, openStore, 'many')
    const ids = Array.from({ length: 1_000 }, (_, index) => `j${index}`)
    await journal.append([delivery(app, [told('a', ids)])])
    t.equal((await stored.aliases(app)).length, 16)
  })

  t.test('writers at the same time know each other’s ids', async (t) => {
    const one = await opened(t, openStore, 'two')
    const { journal, app, stored } = one
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        journal.append([delivery(app, [told(`s${index % 5}`, [`l${index % 7}`])])]),
      ),
    )
    const calls = await stored.calls(app)
    t.equal(calls.length, 1, 'all of them are connected')
    const leading = new Set((await stored.aliases(app)).map(([, call]) => call))
    t.strictSame([...leading], [calls[0]!.id])
  })

  t.test('any order and any batches of events with any ids make the same calls', async (t) => {
    const { journal, app, stored } = await opened(t, openStore, 'property')
    const pool = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const types = ['call.initiated', 'call.ringing', 'call.answered', 'call.hangup'] as const
    let run = 0
    const any = fc.record({
      id: fc.constantFrom(...pool),
      joins: fc.array(fc.constantFrom(...pool), { maxLength: 2 }),
      type: fc.constantFrom(...types),
      leg: fc.option(fc.constantFrom('l1', 'l2'), { nil: null }),
    })
    const law = fc.asyncProperty(
      fc.array(any, { minLength: 1, maxLength: 10 }),
      fc.integer(),
      fc.integer({ min: 1, max: 4 }),
      async (some, seed, size) => {
        const name = `r${++run}-`
        const random = seeded(seed)
        const events = some.map(({ id, joins, type, leg }) =>
          told(
            name + id,
            joins.map((other) => name + other),
            { type, legId: leg },
          ),
        )
        const shuffled = events
          .map((one) => [random(), one] as const)
          .sort(([a], [b]) => a - b)
          .map(([, one]) => one)
        for (let at = 0; at < shuffled.length; at += size) {
          const batch = shuffled.slice(at, at + size)
          await journal.append(batch.map((one) => delivery(app, [one])))
        }
        const mine = (id: string) => id.startsWith(name)
        const records = (await stored.calls(app)).filter(({ id }) => mine(id))
        const others = (await stored.aliases(app)).filter(([alias]) => mine(alias))
        const groups = new Map(records.map(({ id }) => [id, [id]]))
        for (const [alias, call] of others) groups.get(call)!.push(alias)
        const found = [...groups.values()].map((ids) => ids.sort().join()).sort()
        const expected = componentsOf(events)
        const wanted = [...expected.keys()].sort()
        if (JSON.stringify(found) !== JSON.stringify(wanted))
          throw new Error(`${found.join(' ')} ≠ ${wanted.join(' ')}`)
        for (const record of records) {
          const ids = groups.get(record.id)!.sort().join()
          const want = JSON.stringify(plain(recordOf(expected.get(ids)!, '')))
          const have = JSON.stringify(plain(record))
          if (want !== have) throw new Error(`${have} ≠ ${want}`)
        }
      },
    )
    await t.resolves(fc.assert(law, { numRuns: 60 }))
    const rows = (await journal.heads([app])).get(app)!
    const seqs = (await journal.read(app, 0, 10_000)).map(({ seq }) => seq)
    t.strictSame(
      seqs,
      Array.from({ length: rows }, (_, index) => index + 1),
    )
  })

  t.test('every order of a call’s events ends in one record, and no leg goes back', async (t) => {
    const { journal, app, stored } = await opened(t, openStore, 'orders')
    const legs = [
      { callId: 'x', joins: ['y'], legId: 'l1' },
      { callId: 'y', joins: ['z'], legId: 'l1' },
      { callId: 'z', joins: ['y'], legId: 'l1' },
    ]
    const types = ['call.initiated', 'call.ringing', 'call.answered', 'call.hangup'] as const
    const whole = types.map((type, index) => event({ ...legs[index % 3], type }))
    const finals = new Set<string>()
    const wrong: string[] = []
    let run = 0
    for (const order of orders(whole)) {
      const name = `o${++run}-`
      let rank = 0
      for (const one of order) {
        const ids = { callId: name + one.callId, joins: one.joins.map((id) => name + id) }
        const copy = { ...event(), ...one, ...ids, id: `${name}${one.id}` }
        await journal.append([delivery(app, [copy])])
        const record = (await stored.calls(app)).filter(({ id }) => id.startsWith(name))
        const top = Math.max(
          ...record.flatMap((call) => call.legs.map(({ phase }) => phaseRank[phase])),
        )
        if (top < rank) wrong.push(`${name} back to ${top}`)
        rank = top
      }
      const [call, ...more] = (await stored.calls(app)).filter(({ id }) => id.startsWith(name))
      if (more.length > 0) wrong.push(`${name} has ${more.length + 1} calls`)
      finals.add(JSON.stringify(plain(call!)))
    }
    t.strictSame([run, finals.size, wrong], [24, 1, []])
  })
}

/** A record without its name and without numbers, which depend on the order. */
function plain({ last_event: { event: name, time }, ...record }: ReturnType<typeof recordOf>) {
  return { ...record, id: '', last_event: { name, time } }
}

/** The calls that events amount to, by all of their ids. */
function componentsOf(events: readonly CallEvent[]): Map<string, CallState> {
  let groups: { ids: Set<string>; state: CallState }[] = []
  for (const one of events) {
    const ids = new Set([one.callId!, ...one.joins])
    const touched = groups.filter((group) => [...ids].some((id) => group.ids.has(id)))
    const state = touched
      .map((group) => group.state)
      .reduce(mergeCalls, stateOf({ ...one, seq: 1 }))
    const all = new Set([...ids, ...touched.flatMap((group) => [...group.ids])])
    groups = [...groups.filter((group) => !touched.includes(group)), { ids: all, state }]
  }
  return new Map(groups.map(({ ids, state }) => [[...ids].sort().join(), state]))
}

function* orders<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield []
  for (const [index, first] of items.entries()) {
    for (const rest of orders(items.toSpliced(index, 1))) yield [first, ...rest]
  }
}
