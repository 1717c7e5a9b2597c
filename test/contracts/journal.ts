import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import type { CallEvent } from '@switchhook/shared/events'
import type { NewDelivery } from '@switchhook/shared/journal'
import { openedJournal as opened, type OpenStore } from '../kit/opened-journal.ts'
import { sampleDelivery as delivery, sampleEvent as event } from '../kit/sample.ts'
import type { CallRecord } from '@switchhook/shared/projections'

/** What every journal promises, whatever store lies under it. */
export function journalContract(t: Test, openStore: OpenStore): void {
  t.test('numbers events from 1 without a hole, in the order of the batch', async (t) => {
    const { journal, app } = await opened(t, openStore, 'numbers')
    const deliveries = Array.from({ length: 7 }, () => delivery(app, [event()]))
    const appended = await journal.append(deliveries)
    t.strictSame(
      appended.flatMap((one) => (one.status === 'accepted' ? one.rows.map(({ seq }) => seq) : [])),
      [1, 2, 3, 4, 5, 6, 7],
    )
    const rows = await journal.read(app, 0, 100)
    t.strictSame(
      rows.map(({ id }) => id),
      deliveries.map(({ events }) => events[0]!.id),
    )
    t.strictSame(await journal.heads([app]), new Map([[app, 7]]))
  })

  t.test('gives a delivery with several events consecutive numbers', async (t) => {
    const { journal, app } = await opened(t, openStore, 'several')
    await journal.append([delivery(app, [event(), event()]), delivery(app, [event()])])
    t.strictSame(
      (await journal.read(app, 0, 10)).map(({ seq }) => seq),
      [1, 2, 3],
    )
  })

  t.test('appends a delivery once, in one batch or in many at the same time', async (t) => {
    const { journal, app } = await opened(t, openStore, 'once')
    const first = delivery(app, [event()])
    const copy = (): NewDelivery => ({ ...first, id: randomUUID() })
    const [one, two] = await journal.append([first, copy()])
    t.equal(one?.status, 'accepted')
    t.equal(two?.status, 'duplicate')
    const others = await Promise.all(Array.from({ length: 20 }, () => journal.append([copy()])))
    t.ok(others.every(([appended]) => appended?.status === 'duplicate'))
    t.strictSame(await journal.heads([app]), new Map([[app, 1]]), 'duplicates take no number')
    const [next] = await journal.append([delivery(app, [event()])])
    t.equal(next?.status === 'accepted' && next.rows[0]?.seq, 2)
  })

  t.test('keeps a quarantined delivery without a number', async (t) => {
    const { journal, app } = await opened(t, openStore, 'quarantine')
    const [appended] = await journal.append([delivery(app, [], 'schema: no id')])
    t.equal(appended?.status, 'quarantined')
    t.strictSame(await journal.heads([app]), new Map([[app, 0]]))
  })

  t.test('a batch that fails leaves nothing behind, and the next one no hole', async (t) => {
    const { journal, app } = await opened(t, openStore, 'rollback')
    const good = delivery(app, [event()])
    const bad = delivery(randomUUID(), [event()])
    await t.rejects(journal.append([good, bad]))
    t.strictSame(await journal.read(app, 0, 10), [])
    const [appended] = await journal.append([good])
    t.equal(appended?.status === 'accepted' && appended.rows[0]?.seq, 1)
  })

  t.test('reads pages in order from any place', async (t) => {
    const { journal, app } = await opened(t, openStore, 'pages')
    await journal.append(Array.from({ length: 25 }, () => delivery(app, [event()])))
    const seqs = async (after: number, limit: number) =>
      (await journal.read(app, after, limit)).map(({ seq }) => seq)
    t.strictSame(await seqs(0, 3), [1, 2, 3])
    t.strictSame(await seqs(23, 10), [24, 25])
    t.strictSame(await seqs(25, 10), [])
    t.strictSame(await journal.read(randomUUID(), 0, 10), [], 'nothing of another app')
  })

  t.test('keeps events, epoch and memory of duplicates across a restart', async (t) => {
    const before = await opened(t, openStore, 'restart')
    const first = delivery(before.app, [event()])
    await before.journal.append([first])
    const rows = await before.journal.read(before.app, 0, 10)
    await before.store.close()
    const after = await opened(t, openStore, 'restart')
    t.equal(after.app, before.app)
    t.equal(after.journal.epoch, before.journal.epoch)
    t.strictSame(await after.journal.read(after.app, 0, 10), rows)
    const [again] = await after.journal.append([{ ...first, id: randomUUID() }])
    t.equal(again?.status, 'duplicate')
  })

  t.test('marks a late event, and tells the record after each event', async (t) => {
    const { journal, app } = await opened(t, openStore, 'late')
    await journal.append([delivery(app, [event({ type: 'call.answered' })])])
    await journal.append([delivery(app, [event({ type: 'call.hangup' })])])
    await journal.append([delivery(app, [event({ type: 'call.initiated' })])])
    const rows = await journal.read(app, 0, 10)
    t.strictSame(
      rows.map(({ late, data }) => [
        late,
        (JSON.parse(data) as { state: { phase: string } }).state.phase,
      ]),
      [
        [false, 'answered'],
        [false, 'ended'],
        [true, 'ended'],
      ],
    )
  })

  t.test('lists live calls at a number, newest ones first to be kept, oldest first', async (t) => {
    const { journal, app } = await opened(t, openStore, 'live')
    const call = (id: string, type: CallEvent['type']) =>
      delivery(app, [event({ callId: id, legId: id, type })])
    await journal.append(['a', 'b', 'c'].map((id) => call(id, 'call.initiated')))
    await journal.append([call('a', 'call.answered'), call('b', 'call.hangup')])
    const { seq, calls } = await journal.liveCalls(app, 10)
    t.equal(seq, 5)
    const phases = (records: readonly CallRecord[]) => records.map(({ id, phase }) => [id, phase])
    t.strictSame(phases(calls), [
      ['a', 'answered'],
      ['c', 'initiated'],
    ])
    t.strictSame(phases((await journal.liveCalls(app, 1)).calls), [['c', 'initiated']])
  })

  t.test('writers at the same time leave no hole and no double number', async (t) => {
    const { journal, app } = await opened(t, openStore, 'writers')
    const deliveries = Array.from({ length: 300 }, () => delivery(app, [event()]))
    const sent = deliveries.flatMap((one) =>
      Array.from({ length: 4 }, () => ({ ...one, id: randomUUID() })),
    )
    const queue = sent.values()
    const writer = async (): Promise<void> => {
      for (const one of queue) await journal.append([one])
    }
    await Promise.all(Array.from({ length: 16 }, writer))
    const rows = await journal.read(app, 0, 10_000)
    t.strictSame(
      rows.map(({ seq }) => seq),
      Array.from({ length: 300 }, (_, index) => index + 1),
    )
    t.strictSame(await journal.heads([app]), new Map([[app, 300]]))
  })
}
