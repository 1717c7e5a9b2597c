import type { Test } from 'tap'
import { openCalls, type CallQuery, type Calls } from '@switchhook/shared/journal'
import { listOfAddress, listOfAgent } from '@switchhook/shared/journal'
import type { CallEvent } from '@switchhook/shared/events'
import type { CallRecord } from '@switchhook/shared/projections'
import { openedJournal, type OpenedJournal, type OpenStore } from '../kit/opened-journal.ts'
import { seeded } from '../kit/random.ts'
import { sampleDelivery as delivery, sampleEvent as event } from '../kit/sample.ts'

const any: CallQuery = {
  state: null,
  from: null,
  to: null,
  provider: null,
  direction: null,
  groups: [],
  after: null,
  limit: 50,
}

interface Opened extends OpenedJournal {
  readonly calls: Calls
  readonly raw: ReturnType<typeof rawOf>
}

function rawOf({ store }: OpenedJournal) {
  return store.procedures<typeof import('./calls-stored.ts')>(
    import.meta.resolve('./calls-stored.ts'),
  )
}

async function opened(t: Test, openStore: OpenStore, place: string): Promise<Opened> {
  const journal = await openedJournal(t, openStore, place)
  return { ...journal, calls: openCalls(journal.store), raw: rawOf(journal) }
}

/** An event of a call, a second of 2026-03-01 after midnight. */
function told(callId: string, second: number, options: Partial<CallEvent> = {}): CallEvent {
  const time = new Date(Date.UTC(2026, 2, 1) + second * 1_000).toISOString()
  return event({ callId, time, legId: null, providerIds: {}, ...options })
}

const agent = (id: string) => ({ id, email: `${id}@Example.test`, name: null })
const inList = (list: string, provider: string | null = null) => ({ list, provider })

function appendOf({ journal, app }: Opened) {
  return (...events: CallEvent[]) => journal.append(events.map((one) => delivery(app, [one])))
}

/** The ids of all pages. */
async function idsOf({ calls, app }: Opened, asked: Partial<CallQuery> = {}): Promise<string[]> {
  const ids: string[] = []
  for (let after: CallQuery['after'] = null; ;) {
    const page = await calls.list(app, { ...any, ...asked, after })
    ids.push(...page.calls.map(({ record }) => record.id))
    if (page.next === null) return ids
    after = page.next
  }
}

const ended = { type: 'call.hangup', details: { cause: 'normal' } } as const

/** What every store promises of lists of calls. */
export function listsContract(t: Test, openStore: OpenStore): void {
  t.test('calls are listed by when they began, whatever came first', async (t) => {
    const opening = await opened(t, openStore, 'order')
    const append = appendOf(opening)
    await append(told('b', 20), told('a', 10), told('c', 30, { type: 'call.ringing' }))
    t.strictSame(await idsOf(opening), ['c', 'b', 'a'])
    await append(told('c', 5, { type: 'call.initiated' }))
    t.strictSame(await idsOf(opening), ['b', 'a', 'c'], 'it began earlier than was known')
    t.strictSame(await idsOf(opening, { limit: 1 }), ['b', 'a', 'c'])
    const [from, to] = [10, 20].map((second) => told('', second).time) as [string, string]
    t.strictSame(await idsOf(opening, { from, to }), ['a'], 'from inclusive, to exclusive')
    t.strictSame(await idsOf(opening, { from }), ['b', 'a'])
    t.strictSame(await idsOf(opening, { to }), ['a', 'c'])
  })

  t.test('pages have no holes and no repeats while calls come', async (t) => {
    const opening = await opened(t, openStore, 'pages')
    const append = appendOf(opening)
    await append(...Array.from({ length: 25 }, (_, index) => told(`c${index}`, index >> 1)))
    const seen: string[] = []
    let next: CallQuery['after'] = null
    let late = 0
    do {
      const page = await opening.calls.list(opening.app, { ...any, limit: 4, after: next })
      seen.push(...page.calls.map(({ record }) => record.id))
      next = page.next
      await append(told(`new${(late += 1)}`, 100 + late))
    } while (next !== null)
    t.strictSame(
      seen,
      Array.from({ length: 25 }, (_, index) => `c${24 - index}`),
    )
  })

  t.test('a call is found by either side, its agent, its provider and its direction', async (t) => {
    const opening = await opened(t, openStore, 'filters')
    await appendOf(opening)(
      told('a', 1, { from: '+15550001', to: '+15550009', agent: agent('ann') }),
      told('b', 2, { from: '+15550009', to: '+15550002', provider: 'twilio' }),
      told('c', 3, { from: 'sip:1001@PBX.example', to: null, direction: 'outbound' }),
      told('d', 4, { from: '+15550001', to: null, direction: null, ...ended }),
    )
    const number = (value: string): Promise<string[]> =>
      idsOf(opening, { groups: [[inList(listOfAddress(value))]] })
    t.strictSame(await number('+15550009'), ['b', 'a'])
    t.strictSame(await number('1001'), ['c'])
    t.strictSame(await number('1001@pbx.EXAMPLE'), ['c'])
    t.strictSame(await number('+1999'), [])
    const ann = inList(listOfAgent('ann'))
    t.strictSame(await idsOf(opening, { groups: [[ann]] }), ['a'])
    t.strictSame(await idsOf(opening, { groups: [[inList(listOfAgent('ANN@example.test'))]] }), [
      'a',
    ])
    t.strictSame(await idsOf(opening, { groups: [[{ ...ann, provider: 'twilio' }]] }), [])
    t.strictSame(await idsOf(opening, { provider: 'twilio' }), ['b'])
    t.strictSame(await idsOf(opening, { direction: 'inbound' }), ['b', 'a'])
    t.strictSame(await idsOf(opening, { direction: 'inbound', provider: 'telnyx' }), ['a'])
    t.strictSame(await idsOf(opening, { state: 'live' }), ['c', 'b', 'a'])
    t.strictSame(await idsOf(opening, { state: 'ended' }), ['d'])
    t.strictSame(await idsOf(opening, { groups: [[]] }), [], 'somebody without any names')
  })

  t.test('a call that goes to another agent leaves the list of the first', async (t) => {
    const opening = await opened(t, openStore, 'agents')
    const append = appendOf(opening)
    await append(told('a', 1, { agent: agent('ann') }))
    await append(told('a', 2, { type: 'call.answered', agent: agent('bob') }))
    t.strictSame(await idsOf(opening, { groups: [[inList(listOfAgent('ann'))]] }), [])
    t.strictSame(await idsOf(opening, { groups: [[inList(listOfAgent('bob'))]] }), ['a'])
    const before = await opening.raw.entries(opening.app)
    await append(told('a', 3, { type: 'call.held' }), told('a', 4, ended))
    t.equal(await opening.raw.entries(opening.app), before)
  })

  t.test('calls that turn out to be one are listed once, where it began', async (t) => {
    const opening = await opened(t, openStore, 'merged')
    const append = appendOf(opening)
    await append(told('a', 10, { from: '+1', to: null }), told('b', 5, { from: '+2', to: null }))
    await append(told('b', 20, { joins: ['a'], type: 'call.answered', from: null, to: null }))
    t.strictSame(await idsOf(opening), ['a'])
    t.strictSame(await idsOf(opening, { groups: [[inList(listOfAddress('+1'))]] }), [])
    t.strictSame(await idsOf(opening, { groups: [[inList(listOfAddress('+2'))]] }), ['a'])
    t.equal(await opening.raw.entries(opening.app), 2)
    t.match(await opening.calls.find(opening.app, 'b'), { id: 'a', phase: 'answered' })
    t.equal(await opening.calls.find(opening.app, 'x'), undefined)
  })

  t.test('a number that is forgotten finds nothing any more', async (t) => {
    const opening = await opened(t, openStore, 'forgotten')
    await appendOf(opening)(told('a', 1, { from: '+15550001', to: '+15550002' }))
    await opening.deliveries.purge(opening.app, { number: '+15550001' })
    t.strictSame(await idsOf(opening, { groups: [[inList(listOfAddress('+15550001'))]] }), [])
    t.strictSame(await idsOf(opening, { groups: [[inList(listOfAddress('+15550002'))]] }), ['a'])
  })

  t.test('what no key can hold is in no list, and the call is there all the same', async (t) => {
    const opening = await opened(t, openStore, 'odd')
    const [long, control] = ['9'.repeat(5_000), 'a\u0000b']
    await appendOf(opening)(told('a', 1, { from: long, to: control, agent: agent('\ud800') }))
    t.strictSame(await idsOf(opening), ['a'])
    t.match(await opening.calls.find(opening.app, 'a'), { from: long, to: control })
  })

  t.test('calls of a time before there were lists come into theirs', async (t) => {
    const opening = await opened(t, openStore, 'old')
    const append = appendOf(opening)
    await append(...Array.from({ length: 450 }, (_, index) => told(`c${index}`, index)))
    const entries = await opening.raw.entries(opening.app)
    await opening.raw.unlist()
    await append(told('c7', 900, { type: 'call.answered', agent: agent('ann') }), told('new', 901))
    while (await opening.calls.listOld());
    t.equal(await opening.raw.entries(opening.app), entries + 5)
    t.equal((await idsOf(opening, { limit: 200 })).length, 451)
    t.strictSame(await idsOf(opening, { groups: [[inList(listOfAgent('ann'))]] }), ['c7'])
    t.notOk(await opening.calls.listOld(), 'once')
  })

  t.test('what two lists have in common is found page by page, however they lie', async (t) => {
    const opening = await opened(t, openStore, 'common')
    const events = Array.from({ length: 600 }, (_, index) =>
      told(`c${index}`, index, {
        from: index % 2 === 0 ? '+1' : '+2',
        to: null,
        agent: agent(index % 3 === 0 ? 'ann' : index % 100 === 1 ? 'rare' : 'bob'),
      }),
    )
    await appendOf(opening)(...events)
    const both = (number: string, name: string) =>
      idsOf(opening, {
        limit: 7,
        groups: [[inList(listOfAddress(number))], [inList(listOfAgent(name))]],
      })
    t.equal((await both('+1', 'ann')).length, 100)
    t.strictSame(await both('+2', 'rare'), ['c401', 'c301', 'c101', 'c1'].filter(isRare))
    t.strictSame(await both('+3', 'ann'), [])
  })

  t.test('who looks for a needle gets on page by page, and nothing is left out', async (t) => {
    const opening = await opened(t, openStore, 'needle')
    const common = { from: '+1', to: null, agent: agent('bob') }
    await appendOf(opening)(...['c1', 'c2', 'c3'].map((id, second) => told(id, second, common)))
    const lists = [listOfAddress('+1'), listOfAgent('bob')] as const
    await opening.raw.strew(opening.app, { lists, started_at: told('', 100).time })
    const groups = [[inList(listOfAddress('+1'))], [inList(listOfAgent('bob'))]]
    const page = await opening.calls.list(opening.app, { ...any, groups })
    t.strictSame(page.calls, [])
    t.match(page.next, { startedAt: String }, 'enough was looked at')
    t.strictSame(await idsOf(opening, { groups }), ['c3', 'c2', 'c1'])
  })

  t.test('any question is answered as if every call had been looked at', async (t) => {
    const opening = await opened(t, openStore, 'model')
    await fillAtRandom(opening, seeded(7))
    const all = await opening.raw.everything(opening.app)
    const random = seeded(11)
    for (let round = 0; round < 60; round += 1) {
      const { query, accepts } = randomQuery(random)
      const expected = all.filter((call) => accepts(call)).map(({ record }) => record.id)
      t.strictSame(await idsOf(opening, query), expected, JSON.stringify(query))
    }
  })

  t.test('of a call, the events of all its ids are told, from either end', async (t) => {
    const opening = await opened(t, openStore, 'events')
    const { calls, app } = opening
    await appendOf(opening)(
      told('a', 1),
      told('x', 1),
      told('b', 2),
      told('b', 3, { joins: ['a'], type: 'call.answered' }),
      told('a', 4, ended),
    )
    const seqs = async (after: number | null, limit: number) => {
      const { rows, more } = await calls.events(app, { call: 'a', after, limit })
      return [rows.map(({ seq }) => seq), more]
    }
    t.strictSame(await seqs(0, 10), [[1, 3, 4, 5], false])
    t.strictSame(await seqs(1, 2), [[3, 4], true])
    t.strictSame(await seqs(null, 2), [[4, 5], true])
    t.strictSame(await seqs(null, 4), [[1, 3, 4, 5], false])
    const { rows } = await calls.events(app, { call: 'a', after: 0, limit: 10 })
    t.strictSame(
      rows,
      (await opening.journal.read(app, 0, 10)).filter(({ seq }) => seq !== 2),
    )
  })
}

function isRare(id: string): boolean {
  return Number(id.slice(1)) % 3 !== 0
}

const words = {
  number: ['+1', '+2', '+3', '+404'],
  agent: ['ann', 'bob', 'nobody'],
  provider: ['telnyx', 'twilio', 'plivo', 'vonage'],
  direction: ['inbound', 'outbound', null],
} as const

function pick<T>(random: () => number, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!
}

/** Calls of every kind: told late, in any order, some in one batch, some found to be one. */
async function fillAtRandom({ journal, app }: Opened, random: () => number): Promise<void> {
  for (let batch = 0; batch < 60; batch += 1) {
    const events = Array.from({ length: 1 + Math.floor(random() * 5) }, () =>
      told(`c${Math.floor(random() * 120)}`, Math.floor(random() * 300), {
        type: pick(random, ['call.initiated', 'call.ringing', 'call.answered', 'call.hangup']),
        provider: pick(random, words.provider.slice(0, 3)),
        direction: pick(random, words.direction),
        from: pick(random, [...words.number.slice(0, 3), null]),
        to: pick(random, [...words.number.slice(0, 3), null]),
        agent: random() < 0.4 ? agent(pick(random, words.agent.slice(0, 2))) : null,
        joins: random() < 0.05 ? [`c${Math.floor(random() * 120)}`] : [],
      }),
    )
    await journal.append(events.map((one) => delivery(app, [one])))
  }
}

interface Call {
  readonly record: CallRecord
  readonly startedAt: string
}

function randomQuery(random: () => number) {
  const maybe = <T>(from: readonly T[]): T | null => (random() < 0.4 ? pick(random, from) : null)
  const [state, provider] = [maybe(['live', 'ended'] as const), maybe(words.provider)]
  const direction = maybe(words.direction.slice(0, 2))
  const [number, name] = [maybe(words.number), maybe(words.agent)]
  const time = () => (random() < 0.3 ? told('', Math.floor(random() * 300)).time : null)
  const [from, to] = [time(), time()]
  const groups = [
    ...(number === null ? [] : [[inList(listOfAddress(number))]]),
    ...(name === null ? [] : [[inList(listOfAgent(name)), inList(listOfAddress('+3'))]]),
  ]
  const limit = 1 + Math.floor(random() * 40)
  const accepts = ({ record, startedAt }: Call): boolean => {
    const sides = [record.from, record.to]
    const checks = [
      [null, record.phase === 'ended' ? 'ended' : 'live'].includes(state),
      [null, record.provider].includes(provider),
      [null, record.direction].includes(direction),
      [null, ...sides].includes(number),
      [null, record.agent?.id].includes(name) || sides.includes('+3'),
      startedAt >= (from ?? ''),
      startedAt < (to ?? '~'),
    ]
    return checks.every(Boolean)
  }
  return { query: { state, provider, direction, from, to, groups, limit }, accepts }
}
