import { randomUUID } from 'node:crypto'
import { openDeliveries, openJournal, type NewDelivery } from '@switchhook/shared/journal'
import { openedJournal as opened, type OpenStore } from '../kit/opened-journal.ts'
import { sampleDelivery, sampleEvent as event } from '../kit/sample.ts'
import type { CallEvent } from '@switchhook/shared/events'
import type { Test } from 'tap'

const remark = (options: Partial<CallEvent> = {}): CallEvent => {
  const key = randomUUID()
  const nothing = { providerIds: {}, legId: null, direction: null, from: null, to: null }
  const said = { type: 'custom.note', rawType: 'custom.note' } as const
  return event({ ...nothing, ...said, id: `app:${key}`, provider: 'app', ...options })
}
const published = (app: string, one: CallEvent): NewDelivery => ({
  ...sampleDelivery(app, [one]),
  provider: 'app',
  dedupeKey: one.id.slice('app:'.length),
})

/** What every journal promises of events that somebody publishes. */
export function publishContract(t: Test, openStore: OpenStore): void {
  t.test('what is said of a call goes to it and changes nothing, remembered or not', async (t) => {
    const { journal, app, store, stored } = await opened(t, openStore, 'remarks')
    const [first] = await journal.append([
      sampleDelivery(app, [event({ callId: 'own', joins: ['other'], legId: 'own' })]),
    ])
    t.equal(first?.status, 'accepted')
    const before = await stored.calls(app)
    const elsewhere = await openJournal(store)
    for (const [one, callId] of [
      [journal, 'own'],
      [journal, 'other'],
      [elsewhere, 'own'],
      [elsewhere, 'nobody'],
      [journal, null],
    ] as const) {
      await one.append([published(app, remark({ callId, type: 'custom.x' }))])
    }
    const rows = await journal.read(app, 1, 10)
    t.strictSame(
      rows.map(({ seq, call, late }) => [seq, call, late]),
      [
        [2, 'own', false],
        [3, 'own', false],
        [4, 'own', false],
        [5, 'nobody', false],
        [6, null, false],
      ],
    )
    t.strictSame(await stored.calls(app), before)
    const told = rows.map(({ data }) => JSON.parse(data) as { call: unknown; state: unknown })
    t.match(told[0], { call: { id: 'own', provider: 'telnyx' }, state: null })
    t.match(told[3], { call: null, state: null })
    t.equal(await journal.resolveCall(app, 'nobody'), undefined)
  })

  t.test('of a call that begins in the same batch too, in either order', async (t) => {
    const { journal, app, stored } = await opened(t, openStore, 'remarks-batch')
    await journal.append([
      published(app, remark({ callId: 'c' })),
      sampleDelivery(app, [event({ callId: 'c', legId: 'c' })]),
      published(app, remark({ callId: 'c' })),
      sampleDelivery(app, [event({ callId: 'c', legId: 'c', type: 'call.hangup' })]),
      published(app, remark({ callId: 'c' })),
    ])
    const rows = await journal.read(app, 0, 10)
    t.ok(rows.every(({ call, late }) => call === 'c' && !late))
    t.match(await stored.calls(app), [{ id: 'c', phase: 'ended', last_event: { seq: 4 } }])
  })

  t.test('a call of which only others speak is silent, and is ended', async (t) => {
    const { journal, app } = await opened(t, openStore, 'remarks-stale')
    const old = { ...sampleDelivery(app, [event()]), receivedAt: '2026-01-01T00:00:00.000Z' }
    await journal.append([old])
    await journal.append([published(app, remark({ callId: 'c1' }))])
    const before = '2026-02-01T00:00:00.000Z'
    const ended = await journal.endStale(app, { before, time: before, limit: 5 })
    t.match(ended, [{ call: 'c1', type: 'call.hangup' }])
  })

  t.test('of many with one key one is an event, and the key tells which', async (t) => {
    const { journal, app, store } = await opened(t, openStore, 'remarks-key')
    const deliveries = openDeliveries(store)
    const one = remark({ callId: null, details: { data: { a: 1 } } })
    const copies = Array.from({ length: 50 }, () => published(app, one))
    const outcomes = await Promise.all(copies.map((copy) => journal.append([copy])))
    const statuses = outcomes.map(([appended]) => appended?.status)
    t.equal(statuses.filter((status) => status === 'accepted').length, 1)
    t.equal(statuses.filter((status) => status === 'duplicate').length, 49)
    const key = copies[0]!.dedupeKey
    const told = await deliveries.told(app, 'app', key)
    t.match(told, { event: { id: one.id, seq: 1 } })
    t.ok(Buffer.from(told!.digest!).equals(copies[0]!.digest!))
    const [other] = await journal.append([
      { ...published(app, { ...one, details: { data: { a: 2 } } }), dedupeKey: key },
    ])
    t.match(other, { status: 'duplicate', conflict: true })
    t.strictSame(await deliveries.told(app, 'app', key), told, 'the first one counts')
    t.equal(await deliveries.told(app, 'app', 'another'), undefined)
    t.equal(await deliveries.told(app, 'telnyx', key), undefined)
  })

  t.test('any text comes back as it was', async (t) => {
    const { journal, app } = await opened(t, openStore, 'remarks-text')
    const details = { 'k\u0000': ['\u0000', '\ud800', '😀', '\u2028', '"\\', { é: null }] }
    const batch = [published(app, remark({ callId: '😀"\\', details }))]
    await journal.append(batch)
    const [row] = await journal.read(app, 0, 1)
    t.equal(row?.call, '😀"\\')
    t.strictSame((JSON.parse(row!.data) as { details: unknown }).details, details)
  })
}
