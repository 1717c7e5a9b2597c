import { once } from 'node:events'
import t from 'tap'
import { openDirectory } from '@switchhook/shared/directory'
import type { CallEvent } from '@switchhook/shared/events'
import { openJournal } from '@switchhook/shared/journal'
import { administer, emptyDatabase, Postgres } from '../kit/postgres.ts'
import { sampleDelivery, sampleEvent } from '../kit/sample.ts'
import { storeAt } from '../kit/store.ts'

t.test('stores that open an empty database at once agree on schema, app and epoch', async (t) => {
  const url = await emptyDatabase(t)
  const opened = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const store = await storeAt(t, { url })
      const [journal, directory] = await Promise.all([openJournal(store), openDirectory(store)])
      return { epoch: journal.epoch, app: directory.firstApp.id, only: directory.onlyApp?.id }
    }),
  )
  for (const one of opened) t.strictSame(one, opened[0])
  t.equal(opened[0]?.only, opened[0]?.app)
})

t.test('writers in many processes leave no hole and no double number', async (t) => {
  const url = await emptyDatabase(t)
  const stores = await Promise.all(Array.from({ length: 4 }, () => storeAt(t, { url })))
  const app = (await openDirectory(stores[0]!)).firstApp.id
  const journals = await Promise.all(stores.map(openJournal))
  const deliveries = Array.from({ length: 200 }, (_, index) =>
    sampleDelivery(app, [sampleEvent({ callId: `c${index % 7}` })]),
  )
  // Each process gets all of them, in batches and in an order of its own.
  await Promise.all(
    journals.map(async (journal, turn) => {
      const mine = deliveries.toSorted((a, b) => (turn % 2 === 0 ? 1 : -1) * (a.id < b.id ? -1 : 1))
      for (let at = 0; at < mine.length; at += 10) {
        const batch = mine.slice(at, at + 10).map((one) => ({ ...one, id: crypto.randomUUID() }))
        await journal.append(batch)
      }
    }),
  )
  const rows = await journals[0]!.read(app, 0, 1_000)
  t.strictSame(
    rows.map(({ seq }) => seq),
    Array.from({ length: 200 }, (_, index) => index + 1),
  )
  t.equal(new Set(rows.map(({ id }) => id)).size, 200)
  const { calls } = await journals[0]!.liveCalls(app, 100)
  t.equal(calls.length, 7)
})

t.test(
  'processes that take turns at a call never write over what the other one knew',
  async (t) => {
    const url = await emptyDatabase(t)
    const stores = await Promise.all([storeAt(t, { url }), storeAt(t, { url })])
    const app = (await openDirectory(stores[0])).firstApp.id
    const [one, two] = await Promise.all(stores.map(openJournal))
    const phase = async (journal = one, type: CallEvent['type'] = 'call.initiated') => {
      const [appended] = await journal!.append([sampleDelivery(app, [sampleEvent({ type })])])
      const rows = appended?.status === 'accepted' ? appended.rows : []
      return rows.map(({ seq, data }) => [seq, (JSON.parse(data) as { state: unknown }).state])
    }
    const state = (name: string) => ({ phase: name, held: false })
    t.match(await phase(one, 'call.initiated'), [[1, state('initiated')]])
    t.match(await phase(one, 'call.ringing'), [[2, state('ringing')]])
    t.match(await phase(two, 'call.answered'), [[3, state('answered')]])
    // The first one still remembers a ringing call.
    t.match(await phase(one, 'call.initiated'), [[4, state('answered')]])
    t.match(await phase(one, 'call.initiated'), [[5, state('answered')]])
    t.match(await phase(two, 'call.hangup'), [[6, { phase: 'ended' }]])
    t.match(await phase(one, 'call.answered'), [[7, { phase: 'ended' }]])
    t.strictSame((await one!.liveCalls(app, 10)).calls, [])
  },
)

t.test('a terminated connection costs the statement that was on it, no more', async (t) => {
  const url = await emptyDatabase(t)
  const store = await storeAt(t, { url })
  const app = (await openDirectory(store)).firstApp.id
  const journal = await openJournal(store)
  await journal.append([sampleDelivery(app, [sampleEvent()])])
  // 57P01 on every connection of this database but the one that says so.
  await administer(
    url,
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  )
  const delivery = sampleDelivery(app, [sampleEvent()])
  const append = () =>
    journal.append([delivery]).then(
      ([one]) => one?.status,
      () => 'failed',
    )
  let status = await append()
  // The pool may learn of the loss only when it uses the connection.
  if (status === 'failed') status = await append()
  t.equal(status, 'accepted')
  t.strictSame(await journal.heads([app]), new Map([[app, 2]]))
})

t.test('a schema of a newer version is refused', async (t) => {
  const url = await emptyDatabase(t)
  await (await storeAt(t, { url })).close()
  await administer(url, `insert into migrations values (9999, 'the future', 'x', 'y')`)
  await t.rejects(storeAt(t, { url }), { message: /9999.*run the newer version/ })
})

t.test('a migration that was edited after it was applied is refused', async (t) => {
  const url = await emptyDatabase(t)
  await (await storeAt(t, { url })).close()
  await administer(url, `update migrations set checksum = 'x' where id = 1`)
  await t.rejects(storeAt(t, { url }), { message: /migration 1 .*was changed/ })
})

t.test('a database that may lose acknowledged commits is refused, unless allowed', async (t) => {
  const url = await emptyDatabase(t)
  const { pathname } = new URL(url)
  await administer(url, `alter database ${pathname.slice(1)} set synchronous_commit = off`)
  await t.rejects(storeAt(t, { url }), { message: /synchronous_commit = off.*ALLOW_UNSAFE/ })
  await storeAt(t, { url, allowUnsafe: true })
  const careless = await Postgres.start(t, ['fsync=off', 'full_page_writes=off'])
  const message = /Set fsync = on, full_page_writes = on/
  await t.rejects(storeAt(t, { url: careless.url }), { message })
})

t.test('a start says what is wrong with the address, and never the password', async (t) => {
  const { Server } = await import('node:net')
  const url = new URL(await emptyDatabase(t))
  url.password = 'hush'
  const altered = (change: (url: URL) => void): string => {
    const copy = new URL(url)
    change(copy)
    return copy.href
  }
  const closed = new Server().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as { port: number }
  closed.close()
  for (const [address, message] of [
    [altered((one) => (one.port = String(port))), /nobody listens at postgres@127\.0\.0\.1:\d+/],
    [altered((one) => (one.pathname = '/nowhere')), /has no such database: create it/],
    [altered((one) => (one.hostname = 'db.invalid')), /does not resolve/],
    [altered((one) => (one.username = 'stranger')), /stranger/],
  ] as const) {
    const error = await storeAt(t, { url: address }).then(
      () => new Error('it opened'),
      (reason: Error) => reason,
    )
    t.match(error.message, message)
    t.notMatch(error.message, /hush/)
  }
})
