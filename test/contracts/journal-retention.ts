import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import type { CallEvent } from '@switchhook/shared/events'
import type { NewDelivery } from '@switchhook/shared/journal'
import { openedJournal as opened, type OpenStore } from '../kit/opened-journal.ts'
import { sampleDelivery, sampleEvent } from '../kit/sample.ts'

const long = '2026-09-21T10:00:00.000Z'
const before = '2026-09-21T12:00:00.000Z'
const recent = '2026-09-21T15:00:00.000Z'

const told = (callId: string, options: Partial<CallEvent> = {}): CallEvent =>
  sampleEvent({ callId, legId: null, providerIds: {}, ...options })

/** What every journal promises of what is too old to be kept. */
export function retentionContract(t: Test, openStore: OpenStore): void {
  const received = (app: string, at: string, one: CallEvent): NewDelivery => ({
    ...sampleDelivery(app, [one]),
    receivedAt: at,
  })

  t.test('takes away old events from the beginning on, a few at a time', async (t) => {
    const { journal, app } = await opened(t, openStore, 'retention-events')
    await journal.append([
      ...Array.from({ length: 5 }, () => received(app, long, told('a'))),
      received(app, recent, told('b')),
      received(app, long, told('a')),
    ])
    t.match(await journal.prune(app, { before, limit: 3 }), { events: 3 })
    t.match(await journal.prune(app, { before, limit: 3 }), { events: 2 })
    t.match(await journal.prune(app, { before, limit: 3 }), { events: 0 }, 'the sixth is recent')
    const rows = await journal.read(app, 0, 10)
    t.strictSame(
      rows.map(({ seq }) => seq),
      [6, 7],
      'what came late stays until all before it are old',
    )
    t.strictSame(await journal.heads([app]), new Map([[app, 7]]), 'numbers go on')
    t.match(await journal.prune(randomUUID(), { before, limit: 3 }), {
      events: 0,
      calls: 0,
      voicemails: 0,
    })
  })

  t.test('what came is known as a duplicate for ever', async (t) => {
    const { journal, app } = await opened(t, openStore, 'retention-duplicates')
    const first = received(app, long, told('a', { type: 'call.hangup' }))
    await journal.append([first])
    t.match(await journal.prune(app, { before, limit: 10 }), { events: 1, calls: 1 })
    const [again] = await journal.append([{ ...first, id: randomUUID() }])
    t.equal(again?.status, 'duplicate')
    const [next] = await journal.append([received(app, recent, told('a'))])
    t.equal(next?.status === 'accepted' && next.rows[0]?.seq, 2)
  })

  t.test('ended calls go with their last event, live ones stay', async (t) => {
    const { journal, app, store, stored } = await opened(t, openStore, 'retention-calls')
    const lists = store.procedures<typeof import('./calls-stored.ts')>(
      import.meta.resolve('./calls-stored.ts'),
    )
    const end = { type: 'call.hangup' as const }
    await journal.append([received(app, long, told('live'))])
    const lone = await lists.entries(app)
    await journal.append([
      received(app, long, told('ended', end)),
      received(app, long, told('part', { ...end, joins: ['whole'] })),
      received(app, long, told('told again', end)),
      received(app, recent, told('told again', end)),
      received(app, recent, told('whole', end)),
    ])
    const ids = async () => (await stored.calls(app)).map(({ id }) => id).toSorted()
    t.match(await journal.prune(app, { before, limit: 10 }), { events: 4, calls: 1 })
    t.strictSame(await ids(), ['live', 'part', 'told again'])
    t.equal(await journal.resolveCall(app, 'whole'), 'part')
    const later = '2026-09-21T16:00:00.000Z'
    t.match(await journal.prune(app, { before: later, limit: 10 }), { events: 2, calls: 2 })
    t.strictSame(await ids(), ['live'])
    t.equal(await journal.resolveCall(app, 'whole'), undefined)
    t.equal(await lists.entries(app), lone, 'it is in no list either')
    const [fresh] = await journal.append([received(app, recent, told('ended'))])
    const data = fresh?.status === 'accepted' ? fresh.rows[0]!.data : '{}'
    t.match(JSON.parse(data), { state: { phase: 'initiated' } }, 'nothing is remembered of it')
  })

  t.test('voicemails go with the event that told of them', async (t) => {
    const { journal, app } = await opened(t, openStore, 'retention-voicemails')
    const left = (at: string, url: string) =>
      received(app, at, told('v', { type: 'voicemail.received', time: at, details: { url } }))
    await journal.append([left(long, 'https://one.test/'), left(recent, 'https://two.test/')])
    t.equal((await journal.voicemails(app, 10)).length, 2)
    t.match(await journal.prune(app, { before, limit: 10 }), { events: 1, calls: 0, voicemails: 1 })
    t.match(await journal.voicemails(app, 10), [{ received_at: recent }])
  })
}
