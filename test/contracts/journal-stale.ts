import type { Test } from 'tap'
import type { CallEvent, EventData } from '@switchhook/shared/events'
import type { JournalRow } from '@switchhook/shared/journal'
import { openedJournal as opened, type OpenStore } from '../kit/opened-journal.ts'
import { sampleDelivery as delivery, sampleEvent as event } from '../kit/sample.ts'

const dataOf = ({ data }: JournalRow): EventData => JSON.parse(data) as EventData
const told = (callId: string, options: Partial<CallEvent> = {}) =>
  event({ callId, legId: null, providerIds: {}, ...options })

/** What every journal promises of calls that nobody ends. */
export function staleContract(t: Test, openStore: OpenStore): void {
  const received = (app: string, at: string, one: CallEvent) => ({
    ...delivery(app, [one]),
    receivedAt: at,
  })

  t.test(
    'a call of which nothing was heard is ended, once, until it is heard of again',
    async (t) => {
      const { journal, app, stored } = await opened(t, openStore, 'stale')
      const long = '2026-09-21T10:00:00.000Z'
      const recent = '2026-09-21T15:00:00.000Z'
      const options = {
        before: '2026-09-21T12:00:00.000Z',
        time: '2026-09-21T16:00:00.000Z',
        limit: 10,
      }
      await journal.append([
        received(app, long, told('a', { type: 'call.answered', time: long })),
        received(app, long, told('b', { type: 'call.hangup', time: long })),
        received(app, long, told('c', { time: long })),
        received(app, recent, told('c', { type: 'call.ringing', time: recent })),
      ])
      const both = await Promise.all([
        journal.endStale(app, options),
        journal.endStale(app, options),
      ])
      const rows = both.flat()
      t.strictSame(
        rows.map(({ seq, type, call, late }) => [seq, type, call, late]),
        [[5, 'call.hangup', 'a', false]],
      )
      t.match(dataOf(rows[0]!), {
        call: { id: 'a', provider: 'telnyx' },
        state: { phase: 'ended', reason: 'stale' },
        details: { cause: 'stale', synthetic: true },
        raw_type: 'stale',
      })
      t.strictSame(await journal.read(app, 4, 10), rows, 'it is in the log')
      const record = async () => (await stored.calls(app)).find(({ id }) => id === 'a')!
      t.match(await record(), { phase: 'ended', reason: 'stale', ended_at: options.time })

      const again = '2026-09-21T16:30:00.000Z'
      await journal.append([received(app, long, told('a', { type: 'call.held', time: again }))])
      t.match(await record(), { phase: 'answered', reason: null, held: true }, 'it goes on')
      t.strictSame(await journal.endStale(app, options), [], 'it was heard of after all')
      const later = {
        ...options,
        before: '2026-09-21T17:00:00.000Z',
        time: '2026-09-21T21:00:00.000Z',
      }
      t.strictSame(
        (await journal.endStale(app, { ...later, limit: 1 })).map(({ call }) => call),
        ['a'],
      )
      t.strictSame(
        (await journal.endStale(app, later)).map(({ call }) => call),
        ['c'],
      )

      const ending = { type: 'call.hangup', time: '2026-09-21T10:20:00.000Z' } as const
      await journal.append([delivery(app, [told('a', { ...ending, details: { cause: 'busy' } })])])
      t.match(await record(), {
        phase: 'ended',
        reason: 'busy',
        ended_at: ending.time,
        held: false,
      })
      t.strictSame((await journal.liveCalls(app, 10)).calls, [])
    },
  )

  t.test('a clock that goes ahead keeps no call alive', async (t) => {
    const { journal, app } = await opened(t, openStore, 'ahead')
    await journal.append([
      received(app, '2026-09-21T10:00:00.000Z', told('a', { time: '2036-01-01T00:00:00.000Z' })),
    ])
    const options = {
      before: '2026-09-21T12:00:00.000Z',
      time: '2026-09-21T16:00:00.000Z',
      limit: 10,
    }
    t.equal((await journal.endStale(app, options)).length, 1)
    t.strictSame((await journal.liveCalls(app, 10)).calls, [])
    t.strictSame(await journal.endStale(app, options), [])
  })
}

/** What every journal promises of deliveries that contradict each other. */
export function conflictContract(t: Test, openStore: OpenStore): void {
  t.test('a copy with another meaning is kept once as a conflict, without events', async (t) => {
    const { journal, deliveries, app } = await opened(t, openStore, 'conflict')
    const first = told('a')
    const copy = (changes: Partial<CallEvent>) => delivery(app, [{ ...first, ...changes }])
    await journal.append([copy({})])
    const outcomes = async (...batch: ReturnType<typeof copy>[]) => journal.append(batch)
    t.strictSame(await outcomes(copy({}), copy({ from: '+1' })), [
      { status: 'duplicate' },
      { status: 'duplicate', conflict: true },
    ])
    t.strictSame(await outcomes(copy({ from: '+1' })), [{ status: 'duplicate' }])
    t.strictSame(await outcomes(copy({ from: '+2' })), [{ status: 'duplicate', conflict: true }])
    const none = { ...copy({ from: '+3' }), digest: null }
    t.strictSame(await outcomes(none), [{ status: 'duplicate' }])
    const { items } = await deliveries.list({ app, status: 'conflict', limit: 10 })
    t.equal(items.length, 2)
    t.ok(items.every(({ dedupeKey, bytes }) => /#[0-9a-f]{32}$/.test(dedupeKey) && bytes === 3))
    t.strictSame(await journal.heads([app]), new Map([[app, 1]]))
  })

  t.test('two copies in one batch that contradict each other are one event', async (t) => {
    const { journal, app } = await opened(t, openStore, 'conflict-batch')
    const first = told('b')
    const [one, two] = await journal.append([
      delivery(app, [first]),
      delivery(app, [{ ...first, from: '+1' }]),
    ])
    t.strictSame([one?.status, two], ['accepted', { status: 'duplicate', conflict: true }])
  })
}
