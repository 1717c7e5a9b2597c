import t from 'tap'
import { temporaryDir } from '../kit/build.ts'
import { presenceHub, seconds, type Clock, type PresenceHub } from '../kit/presence.ts'
import { seeded } from '../kit/random.ts'
import { storeAt } from '../kit/store.ts'
import type { Store } from '@switchhook/shared/database'

const agents = ['ann', 'bob', 'eve']

interface Socket {
  readonly hub: PresenceHub
  readonly agent: string
  leave(): void
}

/** Three hubs to which anything happens in any order; each does its turns when chance has it. */
class World {
  readonly hubs: PresenceHub[]
  readonly clock: Clock
  sockets: Socket[] = []
  readonly #app: string
  readonly #store: Store
  readonly #random: () => number
  #steps = 0

  constructor(store: Store, seed: number) {
    this.#store = store
    this.#app = `app ${seed}`
    this.#random = seeded(seed)
    this.clock = { now: Date.UTC(2026, 0, 1) + seed * 1e9 }
    this.hubs = [1, 2, 3].map(() => presenceHub(store, this.clock))
  }

  async step(): Promise<void> {
    this.#steps += 1
    const [app, hub, agent] = [this.#app, this.#one(this.hubs), this.#one(agents)]
    const has = this.sockets.some((socket) => socket.hub === hub && socket.agent === agent)
    const chance = this.#random()
    if (chance < 0.15) {
      this.sockets.push({ hub, agent, leave: hub.enter(app, { id: agent, name: agent }) })
    } else if (chance < 0.35) this.#leave()
    else if (chance < 0.45 && has) hub.say(app, agent, { state: this.#one(['busy', 'away']) })
    else if (chance < 0.5) hub.learn(app, agent, { sip: this.#one(['registered', null]) })
    else if (chance < 0.55) hub.seen(app, agent, this.#steps)
    else if (chance < 0.58) this.clock.now += 20_000
    else if (chance < 0.6) await this.#replace(hub)
    else {
      this.clock.now += 300
      await hub.turn()
    }
  }

  /** What each hub says in the end; since when somebody is away each of them knows by itself. */
  async views(): Promise<object[]> {
    await seconds(45, this.clock, this.hubs)
    return this.hubs.map((hub) =>
      agents.flatMap((agent) => {
        const entry = hub.get(this.#app, [agent])[agent]
        return entry && entry.sockets === 0 ? { ...entry, since: null } : (entry ?? [])
      }),
    )
  }

  counts(): number[][] {
    const open = agents.map((agent) => this.sockets.filter((one) => one.agent === agent).length)
    const shown = agents.map((agent) => this.hubs[0]!.get(this.#app, [agent])[agent]?.sockets ?? 0)
    return [shown, open]
  }

  #one<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!
  }

  #leave(): void {
    const at = Math.floor(this.#random() * this.sockets.length)
    for (const socket of this.sockets.splice(at, 1)) socket.leave()
  }

  /** The hub is stopped or killed, and another one takes its place. */
  async #replace(hub: PresenceHub): Promise<void> {
    if (this.#random() < 0.5) {
      for (const socket of this.sockets) if (socket.hub === hub) socket.leave()
      await hub.close()
    }
    this.sockets = this.sockets.filter((socket) => socket.hub !== hub)
    const next = presenceHub(this.#store, this.clock)
    this.hubs[this.hubs.indexOf(hub)] = next
    await next.turn()
  }
}

t.test(
  'whatever happens in whatever order, hubs agree in the end, and with the truth',
  async (t) => {
    const store = await storeAt(t, { dataDir: temporaryDir(t) })
    for (let seed = 1; seed <= 20; seed += 1) {
      const world = new World(store, seed)
      for (let step = 0; step < 150; step += 1) await world.step()
      const [one, two, three] = await world.views()
      t.strictSame(two, one, `seed ${seed}`)
      t.strictSame(three, one, `seed ${seed}`)
      const [shown, open] = world.counts()
      t.strictSame(shown, open, `seed ${seed}`)
      for (const hub of world.hubs) await hub.close()
    }
  },
)
