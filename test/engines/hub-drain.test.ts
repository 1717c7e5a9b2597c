import t from 'tap'
import { connect, type Client, type Frame } from '../kit/client.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { sharedTopology, type Topology } from '../kit/topology.ts'
import { Progress } from '../kit/watcher.ts'

/** A client as rule 6 describes it, without its pauses: it opens another socket before it closes the one it has. */
class Mover {
  readonly seen = new Progress()
  readonly moved = new Progress()
  readonly faults: string[] = []
  position = 0
  #epoch = ''
  #client: Client | null = null
  readonly #token: string

  constructor(token: string) {
    this.#token = token
  }

  /** Goes to a hub with what it knows, and leaves the one it is at. */
  async go(url: string): Promise<void> {
    const cursor = this.#epoch === '' ? {} : { cursor: `${this.#epoch}:${this.position}` }
    const next = await connect(url, { token: this.#token, modern: true, ...cursor })
    const switched = Promise.withResolvers<void>()
    void this.#listen(next, switched.resolve)
    await switched.promise
    const before = this.#client
    this.#client = next
    await before?.close()
    this.moved.add(url)
  }

  /** Resolves when the hub it is at asks it to leave. */
  async asked(): Promise<Frame> {
    for (;;) {
      const drain = this.#client!.frames.find(({ event }) => event === 'drain')
      if (drain) return drain
      await new Promise((resolve) => this.#client!.socket.once('message', resolve))
    }
  }

  async end(): Promise<void> {
    await this.#client?.close()
  }

  async #listen(client: Client, isIn: () => void): Promise<void> {
    for await (const { event, seq, prev, id, data } of client) {
      if (event === 'connected') this.#epoch = String(data['head']).split(':')[0]!
      // A newcomer is in with its first head.
      if (event === 'resumed' || event === 'head') isIn()
      if (/^(?:resync|gap|error)$/.test(event)) this.faults.push(event)
      if (seq === undefined || seq <= this.position) continue
      if (prev! > this.position) this.faults.push(`${prev} after ${this.position}`)
      this.position = seq
      this.seen.add(id!)
    }
  }
}

async function restart(
  { eventHubs }: Topology,
  index: number,
): Promise<{ gone: Promise<unknown> }> {
  const gone = eventHubs[index]!.end('SIGTERM')
  return { gone }
}

t.test(
  'clients that can move are asked to, and closed at the deadline; others go at once',
  async (t) => {
    const topology = await sharedTopology(t, { WS_DRAIN_SECONDS: '8', WS_DRAIN_SLOT_SECONDS: '1' })
    const { hubs, token, webhooks } = topology
    const modern = await connect(hubs[0]!, { token, modern: true })
    const legacy = await connect(hubs[0]!, { token })
    await modern.nextNamed('head')
    await legacy.next()
    const { gone } = await restart(topology, 0)
    t.match(await modern.nextNamed('drain'), {
      data: { reason: 'deploy', deadlineMs: 8_000, slotMs: 1_000 },
    })
    const first = await Promise.race([
      legacy.closed.then(() => 'legacy'),
      modern.closed.then(() => 'modern'),
    ])
    t.equal(first, 'legacy')
    t.match(await legacy.closed, { code: 1012, reason: /^restart \d+$/ })
    t.notOk(legacy.frames.some(({ event }) => event === 'drain'))
    await post(webhooks, telnyxEvent())
    t.equal((await modern.nextEvents(1)).length, 1, 'events come until the deadline')
    t.match(await modern.closed, { code: 1012, reason: /^restart \d+$/ })
    t.equal(await gone, 0)
  },
)

t.test('across a rolling restart no event is lost, and none is seen twice', async (t) => {
  const topology = await sharedTopology(t, { WS_DRAIN_SECONDS: '10', WS_DRAIN_SLOT_SECONDS: '0' })
  const { hubs, token, webhooks, eventHubs } = topology
  const movers = Array.from({ length: 8 }, () => new Mover(token))
  await Promise.all(movers.map((mover, index) => mover.go(hubs[index % 2]!)))
  let running = true
  const publishing = (async () => {
    let sent = 0
    for (; running; sent += 2) {
      await Promise.all([0, 1].map((n) => post(webhooks, telnyxEvent({ call: `c${sent + n}` }))))
    }
    return sent
  })()
  for (const index of [0, 1]) {
    const concerned = index === 0 ? movers.filter((_, n) => n % 2 === 0) : movers
    const { gone } = await restart(topology, index)
    await Promise.all(
      concerned.map(async (mover) => {
        await mover.asked()
        await mover.go(hubs[1 - index]!)
      }),
    )
    t.equal(await gone, 0)
    await eventHubs[index]!.start()
  }
  running = false
  const sent = await publishing
  for (const mover of movers) {
    await mover.seen.reach(sent)
    t.equal(mover.seen.size, sent)
    t.equal(new Set(mover.seen.items).size, sent)
    t.strictSame(mover.faults, [])
    await mover.end()
  }
})
