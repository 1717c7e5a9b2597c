import { randomUUID } from 'node:crypto'
import t from 'tap'
import { build, type Suite } from '../kit/build.ts'
import { connect, type Client, type Frame } from '../kit/client.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { seeded } from '../kit/random.ts'

const total = 400
const watchers = 6

/** Loses, repeats and swaps what the bus carries, and makes one read of the journal in five fail. */
function makeHostile({ app }: Suite, random: () => number): void {
  const { bus, journal } = app
  const { publish } = bus
  bus.publish = (id, rows) => {
    const kept = rows.filter(() => random() < 0.7)
    if (random() < 0.3) kept.reverse()
    if (kept.length > 0) publish(id, kept)
    if (random() < 0.3) publish(id, rows)
  }
  const { read } = journal
  journal.read = async (...args) => {
    const fails = random() < 0.2
    await new Promise((resolve) => setImmediate(resolve))
    if (fails) throw new Error('the store is away')
    return read(...args)
  }
}

/** Follows by protocol rule 2, and misbehaves: resumes, asks for snapshots and leaves at random. */
class Watcher {
  readonly seen: string[] = []
  readonly broken: string[] = []
  readonly #epoch: string
  #position = 0
  #awaited = true

  constructor(epoch: string) {
    this.#epoch = epoch
  }

  async run({ url, token }: Suite, random: () => number): Promise<void> {
    while (this.#position < total && this.broken.length === 0) {
      const cursor = `${this.#epoch}:${this.#position}`
      const client = await connect(url, { token, modern: true, cursor })
      this.#awaited = true
      for await (const frame of client) {
        this.#take(frame)
        if (this.#position >= total || this.broken.length > 0) break
        if (random() < 0.03) this.#rejoin(client, random)
        if (random() < 0.02) break
      }
      client.socket.terminate()
    }
  }

  #rejoin(client: Client, random: () => number): void {
    if (this.#awaited) return
    this.#awaited = true
    const back = Math.floor(random() * Math.min(20, this.#position + 1))
    client.say({ type: 'resume', data: { cursor: `${this.#epoch}:${this.#position - back}` } })
  }

  #take({ event, seq, prev, id, data }: Frame): void {
    if (event === 'resumed') this.#awaited = false
    else if (event === 'resync') this.broken.push(`resync ${String(data['reason'])}`)
    else if (event === 'head' && !this.#awaited && Number(data['seq']) > this.#position) {
      this.broken.push(`head ${String(data['seq'])} before the event, at ${this.#position}`)
    } else if (seq !== undefined && seq > this.#position) {
      if (prev! > this.#position)
        this.broken.push(`${prev} → ${seq} does not follow ${this.#position}`)
      this.#position = seq
      this.seen.push(id!)
    }
  }
}

t.test(
  'every client sees each event once, in order, whatever bus and store do',
  { timeout: 500_000 },
  async (t) => {
    const suite = await build(t, { environment: { WS_RING_EVENTS: '5' } })
    const seed = Date.now()
    t.comment(`seed ${seed}`)
    const random = seeded(seed)
    const first = await connect(suite.url, { token: suite.token, modern: true })
    const epoch = String((await first.next()).data['head']).split(':')[0]!
    makeHostile(suite, random)
    const all = Array.from({ length: watchers }, () => new Watcher(epoch))
    const watching = Promise.all(all.map((watcher) => watcher.run(suite, random)))
    const ids: string[] = []
    const publish = async (): Promise<void> => {
      while (ids.length < total) {
        const sent = telnyxEvent({ call: randomUUID() })
        ids.push(sent.id)
        await post(suite.url, sent)
      }
    }
    await Promise.all([publish(), publish(), publish(), publish()])
    await watching
    const rows = await allRows(suite)
    for (const { seen, broken } of all) {
      t.strictSame(broken, [])
      t.strictSame(seen, rows.slice(0, total))
    }
    await first.close()
  },
)

async function allRows({ app }: Suite): Promise<string[]> {
  for (;;) {
    const rows = await app.journal.read(app.directory.firstApp.id, 0, total + 10).catch(() => null)
    if (rows) return rows.map(({ id }) => id)
  }
}
