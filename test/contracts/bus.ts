import { randomUUID } from 'node:crypto'
import { Inbox, row } from '../kit/inbox.ts'
import type { Test } from 'tap'
import type { Bus } from '@switchhook/shared/bus'

/** The same bus as its publisher and its subscriber hold it: between processes these are two. */
export interface Ends {
  readonly publisher: Bus
  readonly subscriber: Bus
  /** What was reported as a listener's mistake on the subscriber's side. */
  readonly errors: readonly unknown[]
}

export type OpenBus = (t: Test) => Promise<Ends>

/** What every bus does, whatever carries it. */
export function busContract(t: Test, openBus: OpenBus): void {
  t.test('brings rows as they were published, in order', async (t) => {
    const { publisher, subscriber } = await openBus(t)
    const inbox = new Inbox(subscriber)
    await inbox.flows(publisher)
    inbox.rows.length = 0
    const rows = Array.from({ length: 50 }, (_, index) => row(index + 1))
    publisher.publish(inbox.app, rows.slice(0, 20))
    for (const one of rows.slice(20)) publisher.publish(inbox.app, [one])
    await inbox.has(50)
    t.strictSame(
      inbox.rows.filter(({ seq }) => seq <= 50),
      rows,
    )
  })

  t.test('loses nothing of what is published over many turns', async (t) => {
    const { publisher, subscriber } = await openBus(t)
    const inbox = new Inbox(subscriber)
    await inbox.flows(publisher)
    for (let seq = 1; seq <= 500; seq += 1) {
      publisher.publish(inbox.app, [row(seq)])
      if (seq % 3 === 0) await new Promise(setImmediate)
    }
    await inbox.has(500)
    t.strictSame(
      inbox.seqs(1, 500),
      Array.from({ length: 500 }, (_, index) => index + 1),
    )
  })

  t.test('brings an app only to those who listen to it, and to each of them', async (t) => {
    const { publisher, subscriber } = await openBus(t)
    const inboxes = Array.from({ length: 40 }, () => new Inbox(subscriber))
    const second = new Inbox(subscriber, inboxes[0]!.app)
    for (const inbox of [...inboxes, second]) await inbox.flows(publisher)
    for (const [index, { app }] of inboxes.entries()) publisher.publish(app, [row(index)])
    for (const [index, inbox] of inboxes.entries()) {
      await inbox.has(index)
      t.strictSame(inbox.seqs(0, 40), [index])
    }
    await second.has(0)
    t.strictSame(second.seqs(0, 40), [0])
  })

  t.test('ends a subscription without touching others', async (t) => {
    const { publisher, subscriber } = await openBus(t)
    const [stopped, kept] = [new Inbox(subscriber), new Inbox(subscriber)]
    const same = new Inbox(subscriber, stopped.app)
    for (const inbox of [stopped, kept, same]) await inbox.flows(publisher)
    stopped.stop()
    stopped.stop()
    const before = stopped.rows.length
    publisher.publish(stopped.app, [row(1)])
    publisher.publish(kept.app, [row(1)])
    await Promise.all([same.has(1), kept.has(1)])
    t.equal(stopped.rows.length, before)
    const again = new Inbox(subscriber, stopped.app)
    await again.flows(publisher)
    publisher.publish(again.app, [row(2)])
    await again.has(2)
    t.equal(stopped.rows.length, before)
  })

  t.test('brings to several subscribers the same', async (t) => {
    const { publisher, subscriber } = await openBus(t)
    const inbox = new Inbox(subscriber)
    const own = new Inbox(publisher, inbox.app)
    await Promise.all([inbox.flows(publisher), own.flows(publisher, 1_000_001)])
    publisher.publish(inbox.app, [row(1), row(2)])
    await Promise.all([inbox.has(2), own.has(2)])
    t.strictSame(
      [inbox.seqs(1, 2), own.seqs(1, 2)],
      [
        [1, 2],
        [1, 2],
      ],
    )
  })

  t.test('reports what a listener throws, and disturbs nobody', async (t) => {
    const { publisher, subscriber, errors } = await openBus(t)
    const app = randomUUID()
    const mistake = new Error('a listener failed')
    subscriber.subscribe(app, () => {
      throw mistake
    })
    const inbox = new Inbox(subscriber, app)
    await inbox.flows(publisher)
    publisher.publish(app, [row(1)])
    await inbox.has(1)
    t.ok(errors.length > 0)
    t.ok(errors.every((error) => error === mistake))
  })

  t.test('carries a large event', async (t) => {
    const { publisher, subscriber } = await openBus(t)
    const inbox = new Inbox(subscriber)
    await inbox.flows(publisher)
    const large = row(1, JSON.stringify({ text: 'é"'.repeat(40_000) }))
    publisher.publish(inbox.app, [large, row(2)])
    await inbox.has(2)
    t.strictSame(
      inbox.rows.find(({ seq }) => seq === 1),
      large,
    )
  })

  t.test('says that it works, and is silent once closed', async (t) => {
    const { publisher, subscriber } = await openBus(t)
    const inbox = new Inbox(subscriber)
    await inbox.flows(publisher)
    await t.resolves(publisher.ping())
    await subscriber.close()
    const before = inbox.rows.length
    await publisher.close()
    publisher.publish(inbox.app, [row(1)])
    t.type(
      subscriber.subscribe(inbox.app, () => t.fail('it was closed')),
      'function',
    )
    await publisher.close()
    t.equal(inbox.rows.length, before)
  })
}
