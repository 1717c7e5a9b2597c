import { join } from 'node:path'
import { inTempDir, runLoad, startServer, type Started } from './children.ts'
import { jwtSecret } from './peers/token.ts'
import type { FanoutResult, FanoutTask, Mode } from './load/fanout.ts'
import type { Options } from './options.ts'
import type { FanoutReady } from './peers/control.ts'

interface Peer {
  readonly name: string
  readonly script: string
  readonly args: readonly string[]
}

const here = import.meta.dirname
const peers: readonly Peer[] = [
  { name: 'Switchhook event-hub', script: 'peers/hub.ts', args: [] },
  { name: 'ws loop, text made once', script: 'peers/ws-loop.ts', args: ['once'] },
  { name: 'ws loop, stringify for each', script: 'peers/ws-loop.ts', args: ['each'] },
]
const ours = 0
/** What all others are divided by. */
export const reference = 1

/** The ways of publishing, with the goals for a ratio of CPU at 1,000 subscribers. */
export const modes: readonly (Mode & { title: string; goal?: number })[] = [
  { name: 'lone', batch: 1, perSecond: 20, title: 'lone events, 20 a second', goal: 0.85 },
  { name: 'burst', batch: 20, perSecond: 2, title: 'bursts of 20, 2 a second', goal: 0.1 },
  { name: 'closed', outstanding: 4, title: 'always 4 events on their way' },
]

/** One peer's results, one per repetition. */
export interface FanoutRow {
  readonly peer: string
  readonly results: FanoutResult[]
  readonly idle: FanoutResult[]
}

export interface FanoutReport {
  readonly valid: boolean
  readonly sockets: readonly number[]
  readonly idleSockets: number
  readonly rows: readonly FanoutRow[]
}

/** Measures what an event costs per subscriber, peers in turn within each repetition. */
export async function benchFanout(options: Options): Promise<FanoutReport> {
  const { quick, sockets, repetitions } = options
  const idleSockets = quick ? 200 : Math.max(5_000, ...sockets)
  const rows = peers.map(({ name }): FanoutRow => ({ peer: name, results: [], idle: [] }))
  const plan = { sockets, modes, warmMs: quick ? 100 : 1_500, measureMs: quick ? 300 : 3_000 }
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    console.error(`fanout ${repetition + 1}/${repetitions}: ${sockets.join(' and ')} subscribers`)
    for (const turn of peers.keys()) {
      // Whoever comes first finds the machine in another state: take turns.
      const index = (turn + repetition) % peers.length
      rows[index]!.results.push(
        await measure(peers[index]!, plan, index === ours ? options.profile : undefined),
      )
    }
  }
  console.error(`fanout: ${idleSockets} idle subscribers`)
  // How `ws` is told to send makes no difference to an idle socket.
  for (const index of [ours, reference]) {
    rows[index]!.idle.push(await measure(peers[index]!, { ...plan, idle: idleSockets }))
  }
  const valid = rows.every(({ results, idle }) =>
    [...results, ...idle].every(({ invalid }) => invalid === null),
  )
  return { valid, sockets, idleSockets, rows }
}

async function measure(
  { name, script, args }: Peer,
  plan: Omit<FanoutTask, keyof FanoutReady | 'pid'>,
  profile?: string,
): Promise<FanoutResult> {
  return inTempDir(async (dir) => {
    const { pid, ready, stop } = await start({ script, args, dir, profile })
    try {
      const task: FanoutTask = { ...plan, ...ready, pid }
      const result = await runLoad<FanoutResult>(join(here, 'load/fanout.ts'), task, 180_000)
      console.error(`  ${name}: ${result.invalid ?? 'every subscriber got everything'}`)
      return result
    } finally {
      await stop()
    }
  })
}

interface Start extends Omit<Peer, 'name'> {
  readonly dir: string
  readonly profile: string | undefined
}

function start({ script, args, dir, profile }: Start): Promise<Started<FanoutReady>> {
  return startServer(
    {
      script: join(here, script),
      args,
      nodeFlags: [
        '--expose-gc',
        ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
      ],
      env: {
        JWT_SECRET: jwtSecret,
        DATA_DIR: dir,
        INTERNAL_API_SECRET: 'an internal secret of the benchmarks only',
        SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
      },
    },
    (line) => (line.startsWith('{"port"') ? (JSON.parse(line) as FanoutReady) : undefined),
  )
}
