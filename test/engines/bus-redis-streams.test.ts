import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { promisify } from 'node:util'
import t from 'tap'
import { Backlog } from '../../shared/bus/redis/backlog.ts'
import { partitionOf, streamKey } from '../../shared/bus/redis/partitions.ts'
import { isBefore } from '../../shared/bus/redis/position.ts'
import { Inbox, row } from '../kit/inbox.ts'
import { root } from '../kit/process.ts'
import { flowing, openBus, rawClient } from '../kit/redis-bus.ts'
import { startRedis } from '../kit/redis.ts'

const exec = promisify(execFile)

t.test('foreign entries are skipped and counted', async (t) => {
  const { publisher, subscriber, inbox, raw } = await flowing(t)
  const key = streamKey(partitionOf(inbox.app))
  const { app } = inbox
  const foreign = [
    ['hello', 'world'],
    ['app', app],
    ['app', app, 'rows', '{'],
    ['app', app, 'rows', 'null'],
    ['app', app, 'rows', '{}'],
    ['app', app, 'rows', '[null]'],
    ['app', app, 'rows', '[{}]'],
    ['app', app, 'rows', JSON.stringify([{ ...row(1), seq: '1' }])],
    ['app', app, 'rows', JSON.stringify([{ ...row(1), data: null }])],
    ['app', app, 'rows', Buffer.from([0xff, 0x00, 0xfe])],
    [Buffer.from([0xc3]), Buffer.alloc(100_000, 0xff)],
  ]
  for (const fields of foreign) await raw.xadd(key, '*', ...fields)
  publisher.bus.publish(app, [row(2)])
  await inbox.has(2)
  t.strictSame(inbox.seqs(1, 2), [2])
  t.strictSame(subscriber.reports.skipped, [{ reason: 'not readable', count: 1 }], 'told once')
  t.strictSame([subscriber.reports.error, subscriber.reports.away], [[], []])
})

t.test('rows of one turn share an entry per app, and a write', async (t) => {
  const { publisher, inbox, raw } = await flowing(t)
  await raw.flushall()
  const other = randomUUID()
  for (const seq of [1, 2, 3]) publisher.bus.publish(inbox.app, [row(seq)])
  publisher.bus.publish(other, [row(1)])
  await inbox.has(3)
  const key = streamKey(partitionOf(inbox.app))
  const entries = await raw.xrange(key, '-', '+')
  const own = entries.filter(([, fields]) => fields[1] === inbox.app)
  t.equal(own.length, 1)
  t.strictSame(own[0]?.[1].slice(0, 3), ['app', inbox.app, 'rows'])
})

t.test('a stream keeps no more than it needs', async (t) => {
  const { publisher, inbox, raw } = await flowing(t)
  const key = streamKey(partitionOf(inbox.app))
  for (let seq = 1; seq <= 3_000; seq += 1) {
    publisher.bus.publish(inbox.app, [row(seq, '{}')])
    // Its answer comes after the write before it.
    if (seq % 10 === 0) await publisher.bus.ping()
    else await new Promise(setImmediate)
  }
  await inbox.has(3_000)
  t.ok((await raw.xlen(key)) <= 1_200)
})

t.test('reads nothing before it is asked to, and only what it is asked for', async (t) => {
  const server = await startRedis(t)
  const raw = rawClient(t, server)
  const { bus } = await openBus(t, server.url)
  await (await openBus(t, server.url)).reports.have('back', 1)
  t.notMatch(await raw.info('commandstats'), 'xread')
  const monitor = await raw.monitor()
  t.teardown(() => monitor.disconnect())
  const reads: string[][] = []
  monitor.on('monitor', (_time, args: string[]) => {
    if (args[0] === 'XREAD') reads.push(args.slice(6, -(args.length - 6) / 2))
  })
  /** Resolves when a read has begun that nothing published before can end. */
  const blocked = async () => {
    await bus.ping()
    for (const count = reads.length; reads.length === count;) await once(monitor, 'monitor')
  }
  const first = new Inbox(bus, appIn(0))
  await first.flows(bus)
  await blocked()
  const second = new Inbox(bus, appIn(1))
  await second.flows(bus)
  first.stop()
  await second.flows(bus, 2)
  await blocked()
  const third = new Inbox(bus, appIn(2))
  await third.flows(bus)
  t.strictSame(
    new Set(reads.map((keys) => keys.join())),
    new Set(
      ['0', '0,1', '1', '1,2'].map((list) =>
        list
          .split(',')
          .map((one) => streamKey(Number(one)))
          .join(),
      ),
    ),
  )
  t.match(
    await raw.info('commandstats'),
    'client|unblock',
    'a blocking read is ended for a new one',
  )
})

function appIn(partition: number): string {
  for (;;) {
    const app = randomUUID()
    if (partitionOf(app) === partition) return app
  }
}

t.test('the backlog is bounded in rows and size, and joins up to a bound', (t) => {
  const skipped: Record<string, number> = {}
  const onSkipped = (reason: string, count: number) => {
    skipped[reason] = (skipped[reason] ?? 0) + count
  }
  const many = new Backlog({ shares: 1, onSkipped })
  many.add(
    'a',
    Array.from({ length: 10_000 }, (_, index) => row(index, '{}')),
  )
  t.strictSame(skipped, { 'too many waiting': 10_000 - 8_192 })
  const large = new Backlog({ shares: 16, onSkipped })
  const data = 'x'.repeat(100_000)
  large.add(
    'a',
    Array.from({ length: 6 }, (_, index) => row(index, data)),
  )
  t.strictSame(skipped, { 'too many waiting': 10_000 - 8_192 + 1 })
  large.add('b', [row(1, 'x'.repeat(300_000))])
  t.equal(skipped['too large'], 1)
  t.strictSame(
    large.take().map(({ app, rows }) => [app, rows.length]),
    Array.from({ length: 5 }, () => ['a', 1]),
  )
  t.ok(large.empty)
  large.add('a', [row(1, data)])
  t.equal(large.take().length, 1, 'room again')

  let writes = 0
  let rows = 0
  while (!many.empty) {
    const entries = many.take()
    writes += 1
    for (const entry of entries) {
      t.ok(JSON.stringify(entry.rows).length < 2 * 64 * 1024)
      rows += entry.rows.length
    }
  }
  t.equal(rows, 8_192)
  t.ok(writes > 1)
  t.end()
})

t.test('apps are spread, and every version agrees where they are', (t) => {
  const pinned = {
    '00000000-0000-4000-8000-000000000000': 5,
    'e3b0c442-98fc-4c14-9afb-f4c8996fb924': 0,
    '7c9e6679-7425-40de-944b-e07fc1f90ae7': 6,
  }
  t.strictSame(
    Object.fromEntries(Object.keys(pinned).map((app) => [app, partitionOf(app)])),
    pinned,
  )
  const counts = Array.from({ length: 16 }, () => 0)
  for (let index = 0; index < 16_000; index += 1) counts[partitionOf(randomUUID())]! += 1
  t.ok(counts.every((count) => count > 800 && count < 1_200))
  t.end()
})

t.test('positions compare by both of their numbers', (t) => {
  t.ok(isBefore('9-0', '10-0'))
  t.ok(isBefore('10-2', '10-10'))
  t.notOk(isBefore('10-10', '10-10'))
  t.ok(isBefore('18446744073709551614-0', '18446744073709551615-0'))
  t.end()
})

t.test('a process without Redis does not load the client', async (t) => {
  const code = `
    import { memoryBus } from './shared/bus/index.ts'
    memoryBus(() => {})
    import { createRequire } from 'node:module'
    process.stdout.write(Object.keys(createRequire(import.meta.url).cache).join())
  `
  const args = ['--input-type=module', '-e', code]
  const { stdout } = await exec(process.execPath, args, { cwd: root })
  t.notMatch(stdout, 'ioredis')
})
