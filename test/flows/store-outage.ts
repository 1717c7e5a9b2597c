import { setInterval as ticks } from 'node:timers/promises'
import { Client } from 'pg'
import { build } from '../kit/build.ts'
import { Postgres } from '../kit/postgres.ts'
import { post } from '../kit/sender.ts'
import { standardWebhooksEvent, standardWebhooksSecret } from '../kit/standard-webhooks.ts'
import { until } from '../kit/until.ts'
import type { Test } from 'tap'

const tickMs = 50
const perTick = 10
/** All of them must be in the log so long after the store is back. */
const drainMs = 30_000

interface Sent {
  readonly id: string
  readonly status: number | string
  readonly tookMs: number
}

/** Deliveries at 200 a second, before, while and after PostgreSQL is away for so many seconds. */
export async function storeOutage(t: Test, seconds: number): Promise<void> {
  const postgres = await Postgres.start(t)
  const suite = await build(t, {
    environment: {
      DATABASE_URL: postgres.url,
      STANDARD_WEBHOOKS_SECRET: standardWebhooksSecret,
      SPOOL_LIMIT: '268435456',
    },
  })
  const load = new Load(suite.url)
  const sending = load.run()
  await until(() => load.answered >= 200)
  await postgres.stop()
  const before = load.answered
  await until(() => load.answered >= before + seconds * (1_000 / tickMs) * perTick, seconds * 3_000)
  await postgres.start()
  const back = load.answered
  await until(() => load.answered >= back + 200)
  load.stop()
  const sent = await sending
  t.strictSame(
    sent.filter(({ status }) => status !== 200),
    [],
    'every one is accepted',
  )
  const took = sent.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b)
  const [p99, slowest] = [took[Math.floor(took.length * 0.99)], took.at(-1)]
  t.comment(`${sent.length} answers, 99 of 100 within ${p99} ms, the slowest ${slowest} ms`)
  const client = new Client(postgres.url)
  await client.connect()
  t.teardown(() => client.end())
  const count = async (): Promise<number> => {
    const { rows } = await client.query<{ n: number }>('select count(*)::int as n from events')
    return rows[0]!.n
  }
  await until(async () => (await count()) >= sent.length, drainMs)
  const { rows } = await client.query<{ seq: string; id: string; received_at: string }>(
    'select e.seq, e.id, d.received_at from events e join deliveries d on d.id = e.delivery order by e.seq',
  )
  t.strictSame(
    new Set(rows.map(({ id }) => id)),
    new Set(sent.map(({ id }) => `standard-webhooks:${id}`)),
  )
  t.equal(rows.length, sent.length, 'none twice')
  t.ok(
    rows.every(({ seq }, index) => Number(seq) === index + 1),
    'without a hole',
  )
  t.ok(
    rows.every((row, index) => index === 0 || rows[index - 1]!.received_at <= row.received_at),
    'in the order they came',
  )
}

/** Sends a batch of deliveries at every tick, whatever becomes of those before. */
class Load {
  readonly #url: string
  readonly #sent: Promise<Sent>[] = []
  #answered = 0
  #stopped = false

  constructor(url: string) {
    this.#url = url
  }

  get answered(): number {
    return this.#answered
  }

  stop(): void {
    this.#stopped = true
  }

  async run(): Promise<Sent[]> {
    for await (const _ of ticks(tickMs)) {
      if (this.#stopped) break
      for (let count = 0; count < perTick; count += 1) this.#sent.push(this.#send())
    }
    return Promise.all(this.#sent)
  }

  async #send(): Promise<Sent> {
    // Proven in the turn it came in: with Ed25519 two of them may change places in the pool.
    const delivery = standardWebhooksEvent(`c${this.#sent.length % 50}`)
    const begun = performance.now()
    const status = await post(this.#url, delivery, '/webhooks/standard-webhooks').then(
      (answer) => answer.status,
      (error: unknown) => String(error),
    )
    this.#answered += 1
    return { id: delivery.id, status, tookMs: Math.round(performance.now() - begun) }
  }
}
