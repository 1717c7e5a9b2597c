import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import t from 'tap'
import { partitionOf, streamKey } from '../../shared/bus/redis/partitions.ts'
import { Inbox, row } from '../kit/inbox.ts'
import { freePort, root } from '../kit/process.ts'
import { flowing, openBus, rawClient } from '../kit/redis-bus.ts'
import { startRedis } from '../kit/redis.ts'

const exec = promisify(execFile)

t.test('FLUSHALL: nobody notices', async (t) => {
  const { publisher, subscriber, inbox, raw } = await flowing(t)
  await raw.flushall()
  publisher.bus.publish(inbox.app, [row(1)])
  await inbox.has(1)
  t.strictSame([publisher.reports.away, subscriber.reports.away], [[], []])
})

t.test('a clock set back: with the streams, and after they were flushed', async (t) => {
  const { publisher, inbox, raw } = await flowing(t)
  const future = `${Date.now() + 3_600_000}-0`
  const entry = ['app', inbox.app, 'rows', JSON.stringify([row(1)])]
  await raw.xadd(streamKey(partitionOf(inbox.app)), future, ...entry)
  await inbox.has(1)
  publisher.bus.publish(inbox.app, [row(2)])
  await inbox.has(2)
  await raw.flushall()
  await inbox.flows(publisher.bus, 3)
  t.ok(inbox.seqs(1, 3).includes(3))
})

t.test('kill -9 and a new, empty server: told once, back by itself', async (t) => {
  const { server, publisher, subscriber, inbox } = await flowing(t)
  await server.kill()
  await Promise.all([publisher.reports.have('away', 1), subscriber.reports.have('away', 1)])
  await t.rejects(publisher.bus.ping(), { message: /^127\.0\.0\.1:\d+: / })
  publisher.bus.publish(inbox.app, [row(1)])
  await server.restart()
  await inbox.flows(publisher.bus, 2)
  t.ok(inbox.seqs(1, 1).length <= 1, 'what was published meanwhile may come, once')
  await publisher.reports.have('back', 2)
  await t.resolves(publisher.bus.ping())
  t.equal(publisher.reports.away.length, 1)
  t.equal(subscriber.reports.away.length, 1)
})

t.test('a frozen server is noticed by who writes and by who reads', async (t) => {
  const { server, publisher, subscriber, inbox } = await flowing(t)
  server.freeze()
  t.teardown(() => server.thaw())
  publisher.bus.publish(inbox.app, [row(1)])
  await Promise.all([publisher.reports.have('away', 1), subscriber.reports.have('away', 1)])
  t.match(publisher.reports.away[0], /no answer within 500 ms/)
  t.match(subscriber.reports.away[0], /no answer within \d+ ms/)
  t.match(publisher.reports.skipped, [{ reason: 'not written' }])
  await t.rejects(publisher.bus.ping(), { message: /no answer within 500 ms/ })
  server.thaw()
  await inbox.flows(publisher.bus, 2)
  await Promise.all([publisher.reports.have('back', 2), subscriber.reports.have('back', 2)])
  t.equal(publisher.reports.away.length, 1)
})

t.test('ping finds a frozen server that nobody writes to', async (t) => {
  const { server, publisher, inbox } = await flowing(t)
  server.freeze()
  t.teardown(() => server.thaw())
  await t.rejects(publisher.bus.ping(), { message: /no answer within 500 ms/ })
  server.thaw()
  await inbox.flows(publisher.bus, 2)
})

t.test('a server that comes after its users', async (t) => {
  const port = await freePort()
  const { bus, reports } = await openBus(t, `redis://127.0.0.1:${port}`)
  const inbox = new Inbox(bus)
  await reports.have('away', 1)
  t.match(reports.away[0], `127.0.0.1:${port}: connect ECONNREFUSED`)
  await startRedis(t, { port })
  await inbox.flows(bus)
  t.equal(reports.away.length, 1)
})

t.test('an address where something else answers', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const { bus, reports } = await openBus(t, `redis://127.0.0.1:${port}`)
  await reports.have('away', 1)
  t.equal(reports.away[0], `127.0.0.1:${port}: what answers there is not Redis`)
  await t.rejects(bus.ping(), { message: reports.away[0]! })
})

t.test('a wrong password is told, but not shown, and may become the right one', async (t) => {
  const server = await startRedis(t, { args: ['--requirepass', 'right'] })
  const { bus, reports } = await openBus(t, `redis://:hunter2@127.0.0.1:${server.port}`)
  await reports.have('away', 1)
  t.match(reports.away[0], `127.0.0.1:${server.port}: WRONGPASS`)
  await t.rejects(bus.ping(), { message: /WRONGPASS/ })
  t.notMatch(JSON.stringify(reports), 'hunter2')
  await rawClient(t, server, 'right').config('SET', 'requirepass', 'hunter2')
  await new Inbox(bus).flows(bus)
})

t.test('a user and a database of its own, with no right to more than is needed', async (t) => {
  const server = await startRedis(t)
  const raw = rawClient(t, server)
  const rights = ['+xadd', '+xread', '+xrevrange', '+time', '+select', '~switchhook:*']
  await raw.acl('SETUSER', 'ada', 'on', '>se@cret', ...rights)
  const { bus } = await openBus(t, `redis://ada:se%40cret@127.0.0.1:${server.port}/3`)
  await new Inbox(bus).flows(bus)
  t.equal(await raw.dbsize(), 0)
  await raw.select(3)
  t.equal(await raw.dbsize(), 1)
})

t.test('a full memory is told once, however much is published', async (t) => {
  const { publisher, inbox, raw } = await flowing(t)
  await raw.config('SET', 'maxmemory', '1')
  publisher.bus.publish(inbox.app, [row(1)])
  await publisher.reports.have('away', 1)
  t.match(publisher.reports.away[0], /OOM/)
  await t.rejects(publisher.bus.ping(), { message: /OOM/ })
  publisher.bus.publish(inbox.app, [row(2)])
  await raw.config('SET', 'maxmemory', '0')
  await inbox.flows(publisher.bus, 3)
  t.equal(publisher.reports.away.length, 1)
})

t.test('while Redis is away, publishing costs a bounded amount of memory', async (t) => {
  const { server, publisher, inbox } = await flowing(t)
  await server.kill()
  await publisher.reports.have('away', 1)
  const rows = Array.from({ length: 100 }, (_, index) => row(index + 1))
  for (let count = 0; count < 1_000; count += 1) {
    publisher.bus.publish(inbox.app, rows)
    if (count % 50 === 0) await new Promise(setImmediate)
  }
  t.equal(publisher.reports.skipped.length, 1, 'told once')
  t.match(publisher.reports.skipped[0], { reason: 'too many waiting' })
  await server.restart()
  await inbox.flows(publisher.bus, 1_000)
  t.equal(publisher.reports.skipped.length, 1)
})

t.test('leaves nothing behind that keeps a process alive', async (t) => {
  const server = await startRedis(t)
  const run = async (url: string, until: string) => {
    const code = `
      import { openRedisBus } from './shared/bus/index.ts'
      import { parseRedisUrl } from './shared/redis/index.ts'
      const seen = Promise.withResolvers()
      const bus = await openRedisBus(parseRedisUrl(${JSON.stringify(url)}).target, {
        onError() {}, onSkipped() {}, onAway: () => seen.resolve('away'), onBack: () => seen.resolve('back'),
      })
      bus.subscribe('app', () => {})
      process.stdout.write(await seen.promise)
      bus.publish('app', [{ data: '{}' }])
      await bus.close()
    `
    const args = ['--input-type=module', '-e', code]
    const { stdout } = await exec(process.execPath, args, { cwd: root, timeout: 60_000 })
    t.equal(stdout, until)
  }
  await run(server.url, 'back')
  await run(`redis://127.0.0.1:${await freePort()}`, 'away')
  server.freeze()
  await run(server.url, 'away')
  server.thaw()
})

t.test('closes while the server is frozen, and what was open is gone', async (t) => {
  const { server, publisher, subscriber } = await flowing(t)
  server.freeze()
  await Promise.all([publisher.bus.close(), subscriber.bus.close()])
  t.strictSame([publisher.reports.away, subscriber.reports.away], [[], []])
  server.thaw()
})

t.test('what was published is written before it closes', async (t) => {
  const { publisher, inbox } = await flowing(t)
  publisher.bus.publish(inbox.app, [row(1)])
  await publisher.bus.close()
  await inbox.has(1)
})
