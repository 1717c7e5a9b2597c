import { openDirectory } from '@switchhook/shared/directory'
import { createSealing } from '@switchhook/shared/sealing'
import { bounds, openSipTraces, type NewMessage, type Trace } from '@switchhook/shared/sip-traces'
import type { Store } from '@switchhook/shared/database'
import type { Test } from 'tap'

const aor = 'sip:1001@example.com'
const minuteMs = 60_000
const begin = Date.UTC(2026, 10, 21, 12)
const sealing = createSealing([Buffer.alloc(32, 7)])

let count = 0

/** A message of a trace, later than the one before. */
function messageOf({ app, id: trace }: Trace, given: Partial<NewMessage> = {}): NewMessage {
  count += 1
  return {
    app,
    trace,
    call: 'call-1',
    at: begin * 1_000 + count,
    facts: { method: 'INVITE', from: aor, to: 'sip:1002@example.com', upstream: 'phantom' },
    message: {
      from: 'browser',
      upstream: 'phantom',
      address: '192.0.2.7',
      port: 50_000,
      startLine: `INVITE sip:${count}@example.com SIP/2.0`,
      message: `INVITE sip:${count}@example.com SIP/2.0\r\n\r\n`,
    },
    ...given,
  }
}

/**
 * SIP traces, whatever keeps them.
 * @param open opens a store as two processes have it
 */
export function sipTracesContract(t: Test, open: (t: Test) => Promise<[Store, Store]>): void {
  const opened = async (t: Test) => {
    const stores = await open(t)
    const directory = await openDirectory(stores[0])
    const other = await directory.create('other', { actor: 'test', ip: null })
    const clock = { now: begin }
    const now = () => clock.now
    const [one, two] = await Promise.all(
      stores.map((store) => openSipTraces(store, { sealing, now })),
    )
    const wanted = { app: directory.firstApp.id, aor, by: 'ann', lastsMs: 10 * minuteMs }
    return { one: one!, two: two!, clock, wanted, other: other!.id, stores }
  }

  t.test('who is traced is known in another process after a refresh, until the end', async (t) => {
    const { one, two, clock, wanted } = await opened(t)
    t.strictSame(one.active(), [])
    const trace = (await one.start(wanted))!
    t.match(trace, { aor, by: 'ann', state: 'active', messages: 0, dropped: 0 })
    t.equal(trace.until, '2026-11-21T12:10:00.000Z')
    t.strictSame(one.active(), [trace])
    await two.refresh()
    t.strictSame(two.active(), [trace])
    clock.now += 10 * minuteMs
    t.strictSame(two.active(), [], 'it ends by the clock')
    t.match(await two.list(wanted.app), [{ id: trace.id, state: 'ended' }])
  })

  t.test('a trace is ended by whoever asks, and once', async (t) => {
    const { one, two, wanted, other } = await opened(t)
    await one.start(wanted)
    t.equal(await two.end(other, aor), false, 'another app’s is none')
    t.equal(await two.end(wanted.app, aor), true)
    t.equal(await two.end(wanted.app, aor), false)
    await one.refresh()
    t.strictSame(one.active(), [])
  })

  t.test('asked for again it begins anew', async (t) => {
    const { one, clock, wanted } = await opened(t)
    const first = (await one.start(wanted))!
    clock.now += minuteMs
    const second = (await one.start(wanted))!
    t.not(second.id, first.id)
    t.match(one.active(), [{ id: second.id, until: '2026-11-21T12:11:00.000Z' }])
    t.equal(one.active().length, 1)
    t.match(await one.list(wanted.app), [
      { id: second.id, state: 'active' },
      { id: first.id, state: 'ended', until: '2026-11-21T12:01:00.000Z' },
    ])
  })

  t.test('messages are read in the order they passed, by any process, of one app', async (t) => {
    const { one, two, wanted, other } = await opened(t)
    const trace = (await one.start(wanted))!
    const messages = [messageOf(trace), messageOf(trace), messageOf(trace, { call: 'call-2' })]
    await two.write(messages.toReversed())
    const call = await one.call(wanted.app, 'call-1')
    t.strictSame(
      call!.messages.map(({ startLine }) => startLine),
      messages.slice(0, 2).map(({ message }) => message.startLine),
    )
    t.match(call!.messages[0], { at: '2026-11-21T12:00:00.000Z', address: '192.0.2.7' })
    t.match(call, { traces: [{ id: trace.id, messages: 3 }], unreadable: 0 })
    t.equal(await one.call(wanted.app, 'call-3'), null)
    t.equal(await one.call(other, 'call-1'), null, 'another app has none of it')
    t.strictSame(await one.calls(other, { limit: 10 }), [])
    t.strictSame(await one.list(other), [])
  })

  t.test('calls are listed page by page, the newest first', async (t) => {
    const { one, wanted } = await opened(t)
    const trace = (await one.start(wanted))!
    for (const call of ['a', 'b', 'c']) {
      count += 1_000
      await one.write([messageOf(trace, { call }), messageOf(trace, { call })])
    }
    await one.write([messageOf(trace, { call: 'a' })])
    const first = await one.calls(wanted.app, { limit: 2 })
    t.match(first, [
      { call: 'c', messages: 2, method: 'INVITE', from: aor, to: 'sip:1002@example.com' },
      { call: 'b', messages: 2, upstream: 'phantom' },
    ])
    const rest = await one.calls(wanted.app, { limit: 2, after: first[1]! })
    t.match(rest, [{ call: 'a', messages: 3 }])
    t.equal(rest.length, 1)
  })

  t.test('what is stored is sealed for its call, and opens with no other key', async (t) => {
    const { one, wanted, stores } = await opened(t)
    const trace = (await one.start(wanted))!
    await one.write([messageOf(trace)])
    const strange = createSealing([Buffer.alloc(32, 8)])
    const other = await openSipTraces(stores[0], { sealing: strange, now: () => begin })
    t.match(await other.call(wanted.app, 'call-1'), { messages: [], unreadable: 1 })
  })

  t.test(
    'a trace takes as many messages as it may have, ends, and says what it left out',
    async (t) => {
      const { one, two, wanted } = await opened(t)
      const trace = (await one.start(wanted))!
      await two.refresh()
      const many = (length: number) => Array.from({ length }, () => messageOf(trace))
      await one.write(many(bounds.messages - 1))
      t.equal(one.active().length, 1)
      await one.write(many(3))
      t.strictSame(one.active(), [])
      await two.refresh()
      t.strictSame(two.active(), [])
      await two.write(many(2))
      t.match(await one.list(wanted.app), [
        { state: 'full', messages: bounds.messages, dropped: 4 },
      ])
      t.equal((await one.call(wanted.app, 'call-1'))!.messages.length, bounds.messages)
    },
  )

  t.test('large messages fill a trace as well', async (t) => {
    const { one, wanted } = await opened(t)
    const trace = (await one.start(wanted))!
    const large = (length: number): NewMessage => {
      const { message, ...rest } = messageOf(trace)
      return { ...rest, message: { ...message, message: 'x'.repeat(length) } }
    }
    await one.write([large(bounds.bytes / 2), large(bounds.bytes / 2), large(10)])
    t.match(await one.list(wanted.app), [{ state: 'full', messages: 1, dropped: 2 }])
  })

  t.test('what got lost is counted', async (t) => {
    const { one, wanted } = await opened(t)
    const trace = (await one.start(wanted))!
    await one.write([], [{ app: wanted.app, trace: trace.id, count: 5 }])
    await one.write([messageOf(trace)], [{ app: wanted.app, trace: trace.id, count: 2 }])
    t.match(await one.list(wanted.app), [{ state: 'active', messages: 1, dropped: 7 }])
  })

  t.test('of an app so many are traced at a time; those that ended make room', async (t) => {
    const { one, clock, wanted, other } = await opened(t)
    for (let user = 0; user < bounds.traces; user += 1) {
      clock.now += 1
      t.ok(await one.start({ ...wanted, aor: String(user) }))
    }
    t.equal(await one.start(wanted), null)
    t.ok(await one.start({ ...wanted, app: other }))
    t.ok(await one.start({ ...wanted, aor: '3' }), 'in place of its own')
    await one.write([messageOf(one.active().find((trace) => trace.aor === '5')!)])
    await one.end(wanted.app, '5')
    clock.now += 1
    await one.end(wanted.app, '6')
    t.ok(await one.start(wanted))
    t.ok(await one.start({ ...wanted, aor: 'another' }))
    t.equal((await one.list(wanted.app)).length, bounds.traces)
    t.equal(await one.call(wanted.app, 'call-1'), null, 'with it goes what it wrote')
  })

  t.test('an hour after the end everything of a trace is gone', async (t) => {
    const { one, clock, wanted } = await opened(t)
    const trace = (await one.start(wanted))!
    const later = (await one.start({ ...wanted, aor: '1002', lastsMs: 20 * minuteMs }))!
    await one.write([messageOf(trace), messageOf(later, { call: 'call-2' })])
    t.equal(await one.purge('2026-11-21T12:10:00.000Z', 10), 0)
    t.equal(await one.purge('2026-11-21T12:10:00.001Z', 10), 1)
    t.equal(await one.call(wanted.app, 'call-1'), null)
    t.match(await one.calls(wanted.app, { limit: 10 }), [{ call: 'call-2' }])
    await one.write([messageOf(trace)])
    t.equal(await one.call(wanted.app, 'call-1'), null, 'nothing is written for it any more')
    clock.now += 20 * minuteMs
    t.match(await one.list(wanted.app), [{ id: later.id }])
  })

  t.test('processes that write at the same time agree on what fitted', async (t) => {
    const { one, two, wanted } = await opened(t)
    const trace = (await one.start(wanted))!
    const batch = () => Array.from({ length: 300 }, () => messageOf(trace))
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? one : two).write(batch())),
    )
    t.match(await one.list(wanted.app), [
      { state: 'full', messages: bounds.messages, dropped: 3_000 - bounds.messages },
    ])
    t.equal((await two.call(wanted.app, 'call-1'))!.messages.length, bounds.messages)
  })
}
