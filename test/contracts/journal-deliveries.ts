import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import type { CallEvent, EventData } from '@switchhook/shared/events'
import type { NewDelivery } from '@switchhook/shared/journal'
import { openedJournal as opened, type OpenStore } from '../kit/opened-journal.ts'
import { sampleDelivery as delivery, sampleEvent as event } from '../kit/sample.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 8, 21, 14, minute)).toISOString()
const received = (one: NewDelivery, minute: number): NewDelivery => ({
  ...one,
  receivedAt: at(minute),
})
const told = (callId: string, options: Partial<CallEvent> = {}) =>
  event({ callId, legId: callId, ...options })
const ids = (items: readonly { readonly id: string }[]): string[] => items.map(({ id }) => id)

/** What every store promises of deliveries as they came. */
export function deliveriesContract(t: Test, openStore: OpenStore): void {
  t.test('deliveries are listed newest first, page by page, by what became of them', async (t) => {
    const { journal, deliveries, app } = await opened(t, openStore, 'list')
    const all = Array.from({ length: 7 }, (_, index) =>
      received(delivery(app, index === 3 ? [] : [told('a')], index === 3 ? 'schema' : null), index),
    )
    await journal.append(all)
    const other = { ...received(delivery(app, [told('b')]), 9), provider: 'vapi' }
    await journal.append([other])
    const newest = [other, ...all.toReversed()]
    const found: string[] = []
    let after: string | undefined
    do {
      const page = await deliveries.list({ app, limit: 3, after })
      found.push(...ids(page.items))
      after = page.next ?? undefined
    } while (after !== undefined)
    t.strictSame(found, ids(newest))
    const { items } = await deliveries.list({ app, status: 'quarantined', limit: 10 })
    t.match(items, [{ id: all[3]!.id, status: 'quarantined', reason: 'schema', bytes: 3 }])
    t.strictSame(ids((await deliveries.list({ app, provider: 'vapi', limit: 10 })).items), [
      other.id,
    ])
    t.equal((await deliveries.list({ app, status: 'accepted', limit: 10 })).items.length, 7)
    t.strictSame((await deliveries.list({ app: randomUUID(), limit: 10 })).items, [])
    await deliveries.purgeDelivery(app, all[5]!.id)
    t.strictSame(ids((await deliveries.list({ app, limit: 10 })).items), ids(newest))
    t.strictSame(ids((await deliveries.list({ app, status: 'purged', limit: 10 })).items), [
      all[5]!.id,
    ])
  })

  t.test('one is found with what it said and with the ids of its events', async (t) => {
    const { journal, deliveries, app } = await opened(t, openStore, 'get')
    const first = told('a')
    const one = delivery(app, [first, told('a', { id: `${first.id}#2` })])
    const near = delivery(app, [told('a', { id: `${first.id}!` })])
    await journal.append([one, near])
    const found = await deliveries.get(app, one.id)
    t.match(found, { id: one.id, app, provider: 'telnyx', status: 'accepted', reason: null })
    t.strictSame(Buffer.from(found!.sealed), Buffer.from(one.sealed))
    t.strictSame(found!.events, [first.id, `${first.id}#2`])
    t.equal(await deliveries.get(app, randomUUID()), undefined)
    t.equal(await deliveries.get(randomUUID(), one.id), undefined)
  })

  t.test('a quarantined one that means something now joins the log at its end, once', async (t) => {
    const { journal, deliveries, app } = await opened(t, openStore, 'revive')
    const quarantined = delivery(app, [], 'schema')
    await journal.append([quarantined, delivery(app, [told('a')])])
    const meaning = { ...delivery(app, [told('a', { type: 'call.answered' })]), id: quarantined.id }
    const revived = await deliveries.revive(app, quarantined.id, meaning)
    t.match(revived, { status: 'accepted', rows: [{ seq: 2, call: 'a' }] })
    t.strictSame(await journal.read(app, 1, 10), revived.rows)
    t.match(await deliveries.get(app, quarantined.id), {
      status: 'accepted',
      reason: null,
      dedupeKey: meaning.dedupeKey,
      events: [meaning.events[0]!.id],
    })
    const [copy, next] = await journal.append([
      { ...meaning, id: randomUUID() },
      delivery(app, [told('a')]),
    ])
    t.equal(copy?.status, 'duplicate', 'its key is taken now')
    t.match(next, { status: 'accepted', rows: [{ seq: 3 }] })
    t.match(await deliveries.revive(app, quarantined.id, meaning), {
      status: 'duplicate',
      rows: [],
    })
  })

  t.test('a quarantined one that another had told already becomes a duplicate', async (t) => {
    const { journal, deliveries, app } = await opened(t, openStore, 'known')
    const quarantined = delivery(app, [], 'schema')
    const good = delivery(app, [told('a')])
    await journal.append([quarantined, good])
    t.strictSame(await deliveries.revive(app, quarantined.id, { ...good, id: quarantined.id }), {
      status: 'duplicate',
      rows: [],
    })
    t.match(await deliveries.get(app, quarantined.id), { status: 'duplicate', events: [] })
    const { items } = await deliveries.list({ app, status: 'duplicate', limit: 10 })
    t.strictSame(ids(items), [quarantined.id])
    t.strictSame(await journal.heads([app]), new Map([[app, 1]]))
  })

  t.test('those of a time or of a call come oldest first, with what they said', async (t) => {
    const { journal, deliveries, app } = await opened(t, openStore, 'range')
    const all = ['a', 'b', 'c', 'a', 'b', 'c'].map((call, index) =>
      received(delivery(app, [told(call, call === 'c' ? { joins: ['a'] } : {})]), index),
    )
    await journal.append(all)
    const first = await deliveries.range(app, { from: at(1), to: at(4), limit: 3 })
    t.strictSame(ids(first.items), ids(all.slice(1, 4)))
    t.ok(first.items.every(({ sealed, events }) => sealed.length === 3 && events.length === 1))
    const rest = { from: at(1), to: at(4), limit: 3, after: first.next! }
    t.match(await deliveries.range(app, rest), { items: [{ id: all[4]!.id }], next: null })
    for (const call of ['a', 'c']) {
      const page = await deliveries.range(app, { from: at(0), to: at(9), call, limit: 9 })
      t.strictSame(ids(page.items), ids([all[0]!, all[2]!, all[3]!, all[5]!]), call)
    }
  })

  t.test('a page holds eight mebibytes, or one delivery that is larger', async (t) => {
    const { journal, deliveries, app } = await opened(t, openStore, 'wide')
    const sizes = [5, 3, 9, 1].map((size) => size * 1_048_576)
    const all = sizes.map((size, index) => ({
      ...received(delivery(app, [told('a')]), index),
      sealed: new Uint8Array(size),
    }))
    await journal.append(all)
    const counts: number[] = []
    let after: string | undefined
    do {
      const page = await deliveries.range(app, { from: at(0), to: at(9), limit: 10, after })
      counts.push(page.items.length)
      after = page.next ?? undefined
    } while (after !== undefined)
    t.strictSame(counts, [2, 1, 1])
  })

  t.test('old ones lose what they said, oldest first; a late copy still is one', async (t) => {
    const { journal, deliveries, app } = await opened(t, openStore, 'old')
    const all = [1, 2, 3, 4].map((minute) => received(delivery(app, [told('a')]), minute))
    await journal.append(all)
    t.equal(await deliveries.purgeOlderThan(app, at(4), 2), 2)
    t.match(await deliveries.get(app, all[1]!.id), { status: 'purged', bytes: 0 })
    t.match(await deliveries.get(app, all[2]!.id), { status: 'accepted', bytes: 3 })
    t.equal(await deliveries.purgeOlderThan(app, at(4), 2), 1)
    t.equal(await deliveries.purgeOlderThan(app, at(4), 2), 0)
    const [copy] = await journal.append([{ ...all[0]!, id: randomUUID() }])
    t.equal(copy?.status, 'duplicate')
    t.equal(await deliveries.purgeDelivery(app, all[3]!.id), true)
    t.equal(await deliveries.purgeDelivery(app, all[3]!.id), false)
  })

  t.test('a purge of an app removes everything raw and no event', async (t) => {
    const { journal, deliveries, app } = await opened(t, openStore, 'purge-app')
    await journal.append([delivery(app, [told('a')]), delivery(app, [], 'schema')])
    const rows = await journal.read(app, 0, 10)
    t.match(await deliveries.purge(app, {}), { deliveries: 2, events: 0 })
    t.strictSame(await journal.read(app, 0, 10), rows)
    t.equal((await deliveries.list({ app, status: 'purged', limit: 10 })).items.length, 2)
  })

  t.test('a purge of a number leaves tombstones in the log, and its numbering whole', async (t) => {
    const { journal, deliveries, app, stored } = await opened(t, openStore, 'purge-number')
    const [bad, other] = ['+12025550133', '+12025550134']
    const all = [
      told('a', { from: bad }),
      told('a', { from: null, type: 'call.answered' }),
      told('b', { from: other }),
      told('b', { from: other, type: 'call.transferred', details: { targets: [{ number: bad }] } }),
      event({
        type: 'voicemail.received',
        callId: null,
        from: bad,
        details: { url: 'https://v.test/1', text: 'it is me' },
      }),
    ].map((one) => delivery(app, [one]))
    await journal.append(all)
    t.strictSame(await deliveries.purge(app, { number: bad }), {
      deliveries: 3,
      events: 3,
      calls: 1,
      voicemails: 1,
    })
    const rows = await journal.read(app, 0, 10)
    t.strictSame(
      rows.map(({ seq, id, call, data }) => [seq, id, call, data.includes('"purged":true')]),
      all.map(({ events: [one] }, index) => [
        index + 1,
        one!.id,
        one!.callId,
        [0, 3, 4].includes(index),
      ]),
    )
    const { call, state, from, agent, details } = JSON.parse(rows[0]!.data) as EventData
    t.match({ call, state }, { call: { id: 'a' }, state: { phase: 'initiated' } })
    t.strictSame([from, agent, details], [null, null, {}])
    const everything = JSON.stringify([
      rows,
      await stored.calls(app),
      await journal.voicemails(app, 10),
    ])
    t.notOk(everything.includes(bad) || everything.includes('it is me'))
    t.match(await deliveries.get(app, all[0]!.id), { status: 'purged' })
    t.match(await deliveries.get(app, all[1]!.id), { status: 'accepted' })

    await journal.append([delivery(app, [told('a', { from: null, type: 'call.held' })])])
    t.match(await stored.calls(app), [{ id: 'a', from: null }, { id: 'b' }])
    t.match(await deliveries.purge(app, { number: bad }), { deliveries: 0, calls: 0 })
    t.strictSame(await journal.heads([app]), new Map([[app, 6]]))
  })
}
