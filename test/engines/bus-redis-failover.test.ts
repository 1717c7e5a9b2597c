import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { partitionOf, streamKey } from '../../shared/bus/redis/partitions.ts'
import { Inbox, row } from '../kit/inbox.ts'
import { freePort } from '../kit/process.ts'
import { openBus, rawClient } from '../kit/redis-bus.ts'
import { startRedis, type RedisServer } from '../kit/redis.ts'
import type { Redis } from 'ioredis'

const deadlineMs = 60_000

/** Asks until it is so: a server tells no other program when it has made up its mind. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + deadlineMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not so: ${String(condition)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const password = 'secret'

/** Else a master waits five seconds for more replicas before it sends the first one its data. */
const atOnce = ['--repl-diskless-sync-delay', '0']

/** A master, a replica of it, and a sentinel over them. */
async function startSentinel(t: Test, guarded: boolean) {
  const protection = [...atOnce, '--requirepass', password, '--masterauth', password]
  const master = await startRedis(t, { args: protection })
  const replica = await startRedis(t, {
    args: [...protection, '--replicaof', `127.0.0.1 ${master.port}`],
  })
  const raw = rawClient(t, replica, password)
  await until(async () => (await raw.info('replication')).includes('master_link_status:up'))
  const sentinel = await startRedis(t, {
    sentinel: [
      `sentinel monitor mymaster 127.0.0.1 ${master.port} 1`,
      `sentinel auth-pass mymaster ${password}`,
      'sentinel down-after-milliseconds mymaster 2000',
      'sentinel failover-timeout mymaster 2000',
      ...(guarded ? [`requirepass ${password}`] : []),
    ],
  })
  const rawSentinel = rawClient(t, sentinel, guarded ? password : undefined)
  await until(async () => {
    const replicas = await rawSentinel.call('SENTINEL', 'REPLICAS', 'mymaster')
    return Array.isArray(replicas) && replicas.length === 1
  })
  // Nobody listens at the first address.
  const nodes = `127.0.0.1:${await freePort()},127.0.0.1:${sentinel.port}`
  return { master, replica, sentinel, url: `redis+sentinel://:${password}@${nodes}/mymaster` }
}

t.test('sentinels: finds the master, and the next one', async (t) => {
  const { master, url } = await startSentinel(t, true)
  const publisher = await openBus(t, url)
  const subscriber = await openBus(t, url)
  const inbox = new Inbox(subscriber.bus)
  await inbox.flows(publisher.bus, 1)
  await master.kill()
  await inbox.flows(publisher.bus, 2)
  t.equal(publisher.reports.away.length, 1)
  await t.resolves(publisher.bus.ping())
})

t.test('sentinels: a password is for the servers where the sentinel takes none', async (t) => {
  const { url } = await startSentinel(t, false)
  const { bus } = await openBus(t, url)
  await new Inbox(bus).flows(bus)
  const { reports } = await openBus(t, url.replace('mymaster', 'other'))
  await reports.have('away', 1)
  t.match(reports.away[0], /ECONNREFUSED/)
  t.match(reports.away[0], /127\.0\.0\.1:\d+: knows no master 'other'/)
})

interface Node {
  readonly server: RedisServer
  readonly raw: Redis
  readonly id: string
}

const slots = 16_384

/** Three masters, a replica of the first, and nothing in them. */
async function startCluster(t: Test): Promise<[Node, Node, Node, Node]> {
  const busPorts = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const nodes = await Promise.all(
    busPorts.map(async (busPort) => {
      const server = await startRedis(t, {
        args: [
          ...atOnce,
          '--cluster-enabled',
          'yes',
          '--cluster-port',
          String(busPort),
          '--cluster-node-timeout',
          '3000',
          '--cluster-require-full-coverage',
          'no',
        ],
      })
      const raw = rawClient(t, server)
      return { server, raw, id: String(await raw.call('CLUSTER', 'MYID')) }
    }),
  )
  const [first, , , replica] = nodes as [Node, Node, Node, Node]
  const masters = nodes.slice(0, 3)
  for (const [index, { raw }] of masters.entries()) {
    const [from, to] = [index, index + 1].map((part) => Math.floor((part * slots) / 3))
    await raw.call('CLUSTER', 'ADDSLOTSRANGE', from!, to! - 1)
    await raw.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
  }
  for (const [index, { server }] of nodes.entries()) {
    if (index > 0)
      await first.raw.call('CLUSTER', 'MEET', '127.0.0.1', server.port, busPorts[index]!)
  }
  await until(async () => {
    const infos = await Promise.all(nodes.map(({ raw }) => raw.call('CLUSTER', 'INFO')))
    return infos.every((info) => /cluster_state:ok[^]*cluster_known_nodes:4/.test(String(info)))
  })
  await replica.raw.call('CLUSTER', 'REPLICATE', first.id)
  await until(async () => (await replica.raw.info('replication')).includes('link_status:up'))
  return nodes as [Node, Node, Node, Node]
}

/** An app whose stream is on the first master, and its slot, which is not `taken`. */
async function appOnFirst({ raw }: Node, taken = -1): Promise<{ app: string; slot: number }> {
  for (;;) {
    const app = randomUUID()
    const slot = Number(await raw.call('CLUSTER', 'KEYSLOT', streamKey(partitionOf(app))))
    if (slot < Math.floor(slots / 3) && slot !== taken) return { app, slot }
  }
}

t.test('cluster: finds every partition, a slot that moved, and the next master', async (t) => {
  const [first, second, third, replica] = await startCluster(t)
  const url = `redis+cluster://127.0.0.1:${third.server.port},127.0.0.1:${second.server.port}`
  const publisher = await openBus(t, url)
  const subscriber = await openBus(t, url)
  const inboxes = Array.from({ length: 40 }, () => new Inbox(subscriber.bus))
  await Promise.all(inboxes.map((inbox) => inbox.flows(publisher.bus)))
  const partitions = new Set(inboxes.map(({ app }) => partitionOf(app)))
  t.ok(partitions.size > 8, `${partitions.size} partitions`)
  t.strictSame([publisher.reports.away, subscriber.reports.away], [[], []])
  await t.resolves(publisher.bus.ping())

  const moving = await appOnFirst(first)
  const inbox = new Inbox(subscriber.bus, moving.app)
  await inbox.flows(publisher.bus, 1)
  await first.raw.flushall()
  for (const { raw } of [second, first]) {
    await raw.call('CLUSTER', 'SETSLOT', moving.slot, 'NODE', second.id)
  }
  await inbox.flows(publisher.bus, 2)
  t.equal(await second.raw.exists(streamKey(partitionOf(moving.app))), 1)

  const staying = new Inbox(subscriber.bus, (await appOnFirst(first, moving.slot)).app)
  await staying.flows(publisher.bus, 1)
  await first.server.kill()
  await staying.flows(publisher.bus, 2)
  t.match(await replica.raw.info('replication'), 'role:master')
  publisher.bus.publish(staying.app, [row(3)])
  await staying.has(3)
})
