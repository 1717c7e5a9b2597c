import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { internalSecret, jwtSecret, secretsKey, temporaryDir } from './build.ts'
import { ChurnClient, type Churn } from './churn-client.ts'
import { seeded } from './random.ts'
import { post, telnyxEvent, telnyxKeys } from './sender.ts'
import { signToken } from './token.ts'
import type { Measured, Told } from './churn-hub.ts'
import type { Test } from 'tap'

interface Size {
  readonly sockets: number
  readonly seconds: number
  /** How long a client stays at most, ms. */
  readonly stayMs: number
}

const perSecond = 50

/** What the collector leaves behind at one time and not at another: a tenth, and this. */
const toleranceBytes = 4 * 1_048_576

const environment = {
  JWT_SECRET: jwtSecret,
  INTERNAL_API_SECRET: internalSecret,
  SECRETS_KEY: secretsKey,
  SPOOL_LIMIT: '4194304',
  TELNYX_PUBLIC_KEY: telnyxKeys.publicKey,
  // Full before the first look at the heap, and too short for some who come back.
  WS_RING_EVENTS: '100',
  WS_HEARTBEAT_SECONDS: '1',
  WS_IDLE_SECONDS: '3',
}

/** Drops many clients again and again under load, and then looks at what they saw, and what the hub still holds. */
export async function churn(t: Test, { sockets, seconds, stayMs }: Size): Promise<void> {
  const seed = Date.now()
  t.comment(`seed ${seed}`)
  const hub = await startHub(t)
  const { url } = hub
  const drops = { close: 0, terminate: 0, stall: 0, vanish: 0 }
  const state: Churn = {
    url,
    random: seeded(seed),
    stayMs,
    calm: false,
    stopped: false,
    ids: [],
    drops,
  }
  const tokens = await Promise.all(
    Array.from({ length: sockets }, (_, n) => signToken(jwtSecret, { sub: `u${n}` })),
  )
  const clients = tokens.map((token) => new ChurnClient(state, token))
  const load = new Load(url)
  const running = Promise.all(clients.map((client) => client.run()))

  await load.run((seconds * 1_000) / 3)
  const warm = await calm(hub, { state, clients, load })
  await load.run((seconds * 2_000) / 3)
  const end = await calm(hub, { state, clients, load })
  state.stopped = true
  await running
  t.ok(
    await soon(async () => /^switchhook_hub_sockets 0$/m.test(await metricsOf(url))),
    'no socket',
  )
  const empty = await hub.measure()

  const seen = clients.reduce((sum, client) => sum + client.seen, 0)
  t.comment(`${sockets} sockets, ${load.sent} events, ${seen} seen`)
  t.comment(`drops ${JSON.stringify(drops)}`)
  const heaps = [warm, end, empty].map(({ heapUsed }) => (heapUsed / 1_048_576).toFixed(1))
  t.comment(`heap in MiB: ${heaps[0]} warm, ${heaps[1]} at the end, ${heaps[2]} without sockets`)
  t.strictSame(
    clients.flatMap(({ broken }) => broken).slice(0, 20),
    [],
    'each client: once, in order',
  )
  t.ok(
    clients.every(({ position }) => position === load.sent),
    'each client: everything',
  )
  t.equal(load.lost, 0, 'every delivery is acknowledged')
  t.ok(end.heapUsed <= warm.heapUsed * 1.1 + toleranceBytes, 'the heap did not grow')
  t.equal(end.feeds, 1)
  t.equal(empty.feeds, 0, 'no feed')
  t.equal(empty.errors, 0, 'no error in the log')
}

interface Running {
  readonly state: Churn
  readonly clients: readonly ChurnClient[]
  readonly load: Load
}

/** Looks at the hub when everyone is connected and has seen everything. */
async function calm(hub: Hub, { state, clients, load }: Running): Promise<Measured> {
  state.calm = true
  await soon(async () =>
    clients.every(({ connected, position }) => connected && position === load.sent),
  )
  const measured = await hub.measure()
  state.calm = false
  return measured
}

/** Whether it becomes so; looks now and then, the processes have other things to do. */
async function soon(condition: () => Promise<boolean>): Promise<boolean> {
  for (let looks = 0; looks < 300; looks += 1) {
    if (await condition()) return true
    await pause(100)
  }
  return false
}

async function metricsOf(url: string): Promise<string> {
  return (await fetch(new URL('/metrics', url))).text()
}

/** More than a busy machine needs. */
const attempts = 5

const types = ['call.initiated', 'call.answered', 'call.hangup']

/** Deliveries at a steady rate: one call after the other begins, is answered and ends. */
class Load {
  /** Events under way or acknowledged. */
  sent = 0
  /** Events that were given up. */
  lost = 0
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async run(ms: number): Promise<void> {
    const begin = performance.now()
    const under: Promise<void>[] = []
    for (let due = 0; due < ms; due += 1_000 / perSecond) {
      const early = begin + due - performance.now()
      if (early > 0) await pause(early)
      const number = this.sent + under.length
      under.push(this.#deliver(`call-${Math.floor(number / 3)}`, types[number % 3]!))
    }
    await Promise.all(under)
    this.sent += under.length
  }

  /** Delivers as a provider does: what is not acknowledged comes again. */
  async #deliver(call: string, type: string): Promise<void> {
    const sent = telnyxEvent({ call, type })
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const answer = await post(this.#url, sent).catch(() => null)
      if (answer?.status === 200) return
    }
    this.lost += 1
  }
}

interface Hub {
  readonly url: string
  measure(): Promise<Measured>
}

async function startHub(t: Test): Promise<Hub> {
  const child = fork(join(import.meta.dirname, 'churn-hub.ts'), {
    execArgv: ['--expose-gc'],
    env: { PATH: process.env['PATH'], ...environment, DATA_DIR: temporaryDir(t) },
  })
  t.teardown(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  const { url } = (await toldBy(child)) as { url: string }
  return {
    url,
    async measure() {
      child.send('measure')
      return (await toldBy(child)) as Measured
    },
  }
}

async function toldBy(child: ChildProcess): Promise<Told> {
  const [told] = (await once(child, 'message', { signal: AbortSignal.timeout(30_000) })) as [Told]
  return told
}
