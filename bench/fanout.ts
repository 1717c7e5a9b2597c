import { join } from 'node:path'
import { inTempDir, runLoad, startServer, type Started } from './children.ts'
import { median, medianRatio } from './measure.ts'
import { jwtSecret } from './peers/token.ts'
import { figure, share, tableText } from './table.ts'
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
/** What all others are divided by. */
const reference = 1

const modes: readonly (Mode & { title: string; goal?: number })[] = [
  { name: 'lone', batch: 1, perSecond: 20, title: 'lone events, 20 a second', goal: 0.85 },
  { name: 'burst', batch: 20, perSecond: 2, title: 'bursts of 20, 2 a second', goal: 0.1 },
  { name: 'closed', outstanding: 4, title: 'always 4 events on their way' },
]

interface Row {
  readonly peer: string
  readonly results: FanoutResult[]
  readonly idle: FanoutResult[]
}

export interface FanoutReport {
  readonly valid: boolean
  readonly sockets: readonly number[]
  readonly idleSockets: number
  readonly rows: readonly Row[]
}

/** Measures what an event costs per subscriber, peers in turn within each repetition. */
export async function benchFanout(options: Options): Promise<FanoutReport> {
  const { quick, sockets, repetitions } = options
  const idleSockets = quick ? 200 : Math.max(5_000, ...sockets)
  const rows = peers.map(({ name }): Row => ({ peer: name, results: [], idle: [] }))
  const plan = { sockets, modes, warmMs: quick ? 200 : 1_500, measureMs: quick ? 500 : 3_000 }
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    console.error(`fanout ${repetition + 1}/${repetitions}: ${sockets.join(' and ')} subscribers`)
    for (const turn of peers.keys()) {
      // Whoever comes first finds the machine in another state: take turns.
      const index = (turn + repetition) % peers.length
      rows[index]!.results.push(await measure(peers[index]!, plan, options.profile))
    }
  }
  console.error(`fanout: ${idleSockets} idle subscribers`)
  for (const [index, peer] of peers.entries()) {
    rows[index]!.idle.push(await measure(peer, { ...plan, idle: idleSockets }))
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

/** The report as tables, ratios first. */
export function fanoutText(report: FanoutReport): string {
  const { rows, sockets, idleSockets } = report
  const parts = sockets.flatMap((count) =>
    modes.map(({ name, title, goal }) => {
      const goalText = goal === undefined ? '' : `; the goal at 1,000 is a ratio of ${goal}`
      return `Fan-out to ${count}, ${title}${goalText}\n${modeTable(rows, name, count)}\n`
    }),
  )
  const idle = rows.map(({ peer, idle: [result] }) => [
    peer,
    ((result?.rssPerSocket ?? NaN) / (rows[reference]!.idle[0]?.rssPerSocket ?? NaN)).toFixed(2),
    figure((result?.rssPerSocket ?? NaN) / 1024),
  ])
  const faults = rows.flatMap(({ peer, results, idle: weighed }) =>
    [...results, ...weighed].flatMap(({ invalid }) =>
      invalid === null ? [] : [`DOES NOT COUNT: ${peer}: ${invalid}`],
    ),
  )
  const idleTable = tableText(['', 'RSS ÷ ws', 'KiB a socket'], idle)
  return [...parts, `${idleSockets} idle, authenticated sockets\n${idleTable}`, ...faults].join(
    '\n',
  )
}

const headings = [
  '',
  'CPU ÷ ws',
  'p50 ÷ ws',
  'rate ÷ ws',
  'CPU µs',
  'deliveries/s',
  'p50 ms',
  'p99 ms',
  'waited',
]

function modeTable(rows: readonly Row[], mode: string, sockets: number): string {
  const all = rows.map(({ results }) =>
    results.flatMap((result) =>
      result.rows.filter((row) => row.mode === mode && row.sockets === sockets),
    ),
  )
  const lines = rows.map(({ peer }, index) => {
    const of = (key: Figure, which = index): number[] => all[which]!.map((row) => row[key])
    const ratios = (['cpuUs', 'p50Ms', 'perSecond'] as const).map((key) =>
      medianRatio(of(key), of(key, reference)).toFixed(2),
    )
    return [
      peer,
      ...ratios,
      ...figures.map((key) => figure(median(of(key)))),
      share(median(of('waited'))),
    ]
  })
  return tableText(headings, lines)
}

const figures = ['cpuUs', 'perSecond', 'p50Ms', 'p99Ms'] as const
type Figure = (typeof figures)[number] | 'waited'
