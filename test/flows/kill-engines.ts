import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { Postgres } from '../kit/postgres.ts'
import { seeded } from '../kit/random.ts'
import { startRedis } from '../kit/redis.ts'
import { post, telnyxEvent, type Signed } from '../kit/sender.ts'
import { startTopology, type Replica } from '../kit/topology.ts'
import { until } from '../kit/until.ts'
import { Progress, Watcher } from '../kit/watcher.ts'
import type { Test } from 'tap'

const perSecond = 100
/** So many deliveries are under way at most: a machine that is too slow for the rate gets a lower one. */
const maxUnderWay = 100
const watchers = 3

/** What a provider does when it is not answered 2xx, ms. */
const retriesMs = [200, 500, 1_000, 2_000, 2_000, 2_000, 2_000, 2_000, 2_000]

/** Kills each part of the suite `rounds` times at random moments under load, and then looks at what is left. */
export async function killEngines(t: Test, rounds: number): Promise<void> {
  const seed = Date.now()
  t.comment(`seed ${seed}`)
  const random = seeded(seed)
  const [postgres, redis] = await Promise.all([Postgres.start(t), startRedis(t)])
  const suite = await startTopology(t, { databaseUrl: postgres.url, redisUrl: redis.url })
  const { ingests, eventHubs, url, webhooks, token } = suite

  const all = Array.from({ length: watchers }, () => new Watcher(url, token))
  const watching = Promise.all(all.map((watcher) => watcher.run()))
  await Promise.all(all.map(({ connected }) => connected))
  const load = new Load(webhooks)
  const sending = load.run()

  const victims: Readonly<Record<string, (round: number) => Promise<void>>> = {
    ingest: (round) => killReplica(ingests[round % 2]!),
    hub: (round) => killReplica(eventHubs[round % 2]!),
    async postgres() {
      await postgres.kill()
      await postgres.start()
    },
    async redis() {
      await redis.kill()
      await redis.restart()
    },
  }
  const more = async (count: number): Promise<void> => {
    try {
      await load.acknowledged.reach(load.acknowledged.size + count)
    } catch (error) {
      t.comment(
        `no more than ${load.acknowledged.size} are acknowledged: ${load.unexpected.at(-1)}`,
      )
      for (const replica of [...ingests, ...eventHubs]) t.comment(replica.output().slice(-4_000))
      throw error
    }
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const name of shuffled(Object.keys(victims), random)) {
      await more(Math.floor(random() * 100))
      t.comment(`kill -9 ${name}`)
      await victims[name]!(round)
    }
  }
  await more(100)
  load.stop()
  await sending

  const acknowledged = load.acknowledged.size
  // What a killed process left in its spool is another one's to drain; what is missing then is told below.
  await until(async () => (await journal(postgres.url)).length >= acknowledged, 60_000).catch(() =>
    t.comment('the journal does not grow to what was acknowledged'),
  )
  const rows = await journal(postgres.url)
  t.comment(`${load.acknowledged.size} acknowledged, ${rows.length} in the journal`)
  t.strictSame(load.unexpected, [], 'every refusal was a 503 with Retry-After')
  t.strictSame(
    rows.map(({ seq }) => Number(seq)),
    rows.map((_, index) => index + 1),
    'no hole',
  )
  const ids = rows.map(({ id }) => id)
  const stored = new Set(ids)
  t.equal(stored.size, rows.length, 'no event twice')
  const lost = load.acknowledged.items.filter((id) => !stored.has(id))
  t.strictSame(lost, [], 'nothing acknowledged is missing')
  for (const watcher of all) {
    await watcher.seen.reach(rows.length)
    await watcher.stop()
  }
  await watching
  for (const { seen } of all) t.strictSame(seen.items, ids, 'each client: once, in order')
  for (const replica of [...ingests, ...eventHubs]) t.equal(await replica.end('SIGTERM'), 0)
}

async function killReplica(replica: Replica): Promise<void> {
  await replica.end('SIGKILL')
  // It exits when the database is not back yet: whoever runs it starts it again.
  while (
    !(await replica.start().then(
      () => true,
      () => false,
    ))
  );
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item): [number, Item] => [random(), item])
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)
}

async function journal(url: string): Promise<{ seq: string; id: string }[]> {
  const client = new Client(url)
  await client.connect()
  try {
    return (await client.query('select seq, id from events order by seq')).rows
  } finally {
    await client.end()
  }
}

/** Deliveries at a steady rate where they are answered in time, each retried as a provider does. */
class Load {
  readonly acknowledged = new Progress()
  readonly unexpected: string[] = []
  readonly #url: string
  #stopped = false

  constructor(url: string) {
    this.#url = url
  }

  stop(): void {
    this.#stopped = true
  }

  /** Resolves when everything that was sent has its answer. */
  async run(): Promise<void> {
    const underWay = new Set<Promise<void>>()
    let due = performance.now()
    while (!this.#stopped) {
      const early = due - performance.now()
      if (early > 0) await pause(early)
      if (underWay.size >= maxUnderWay) await Promise.race(underWay)
      due = Math.max(due, performance.now() - 1_000) + 1_000 / perSecond
      const delivery = this.#deliver(telnyxEvent({ call: randomUUID() }))
      underWay.add(delivery)
      void delivery.finally(() => underWay.delete(delivery))
    }
    await Promise.all(underWay)
  }

  async #deliver(sent: Signed): Promise<void> {
    for (const waitMs of retriesMs) {
      const answer = await post(this.#url, sent).catch(() => null)
      if (answer?.status === 200) return this.acknowledged.add(`telnyx:${sent.id}`)
      if (answer !== null && (answer.status !== 503 || !answer.headers.has('retry-after'))) {
        this.unexpected.push(`${answer.status} ${JSON.stringify(answer.body)}`)
      }
      await pause(waitMs)
    }
    this.unexpected.push(`gave up on ${sent.id}`)
  }
}
