import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { inTempDir, runLoad, startServer, type Started } from './children.ts'
import { keys, writeDeliveries } from './deliveries.ts'
import { jwtSecret } from './peers/token.ts'
import { figure } from './table.ts'
import type { IngestResult, IngestTask } from './load/ingest.ts'
import type { Options } from './options.ts'

interface Peer {
  readonly name: string
  /** Starts it with an empty store in `dir`. */
  start(dir: string, profile?: string): Promise<Started<{ port: number }>>
}

const here = import.meta.dirname
const expressScript = join(here, 'peers/express.ts')
const portOfLine = (line: string) => {
  const port =
    / is ready.*?http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1] ?? /"port":(\d+)/.exec(line)?.[1]
  return port === undefined ? undefined : { port: Number(port) }
}

const peers: readonly Peer[] = [
  {
    name: 'Switchhook all-in-one',
    start: (dir, profile) =>
      startServer(
        {
          script: join(here, '../services/all-in-one/main.ts'),
          nodeFlags: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
          env: {
            PORT: '0',
            DATA_DIR: dir,
            JWT_SECRET: jwtSecret,
            INTERNAL_API_SECRET: randomBytes(32).toString('hex'),
            SECRETS_KEY: randomBytes(32).toString('base64'),
            TELNYX_PUBLIC_KEY: keys.publicKey,
          },
        },
        portOfLine,
      ),
  },
  { name: 'Express, three statements', start: (dir) => startExpress([join(dir, 'express.db')]) },
  { name: 'Express, stores nothing', start: () => startExpress([]) },
]

function startExpress(args: readonly string[]): Promise<Started<{ port: number }>> {
  const env = { TELNYX_PUBLIC_KEY: keys.publicKey, JWT_SECRET: jwtSecret }
  return startServer({ script: expressScript, args, env }, portOfLine)
}

/** One peer's results, one per repetition. */
export interface IngestRow {
  readonly peer: string
  readonly results: IngestResult[]
}

export interface IngestReport {
  readonly valid: boolean
  readonly rows: readonly IngestRow[]
}

/** Measures what a webhook costs from the socket to the answer, peers in turn within each repetition. */
export async function benchIngest(options: Options): Promise<IngestReport> {
  const rows = peers.map(({ name }): IngestRow => ({ peer: name, results: [] }))
  for (let repetition = 0; repetition < options.repetitions; repetition += 1) {
    await inTempDir(async (dir) => {
      const plan = planOf(options, join(dir, 'requests'))
      console.error(`ingest ${repetition + 1}/${options.repetitions}: signing deliveries`)
      writeDeliveries(plan.file, options.quick ? 2_000 : 25_000)
      for (const turn of peers.keys()) {
        // Whoever comes first finds the machine in another state: take turns.
        const index = (turn + repetition) % peers.length
        rows[index]!.results.push(await measure(peers[index]!, plan, options))
      }
    })
  }
  return {
    valid: rows.every(({ results }) => results.every(({ invalid }) => invalid === null)),
    rows,
  }
}

function planOf({ quick }: Options, file: string): Omit<IngestTask, 'port' | 'pid'> {
  return {
    file,
    connections: 32,
    warm: quick ? { requests: 200, ms: 500 } : { requests: 5_000, ms: 10_000 },
    closedMs: quick ? 300 : 3_000,
    paced: { ms: quick ? 300 : 4_000, perSecond: 300 },
  }
}

async function measure(
  peer: Peer,
  plan: Omit<IngestTask, 'port' | 'pid'>,
  { profile }: Options,
): Promise<IngestResult> {
  return inTempDir(async (dir) => {
    const { pid, ready, stop } = await peer.start(dir, profile)
    try {
      const task: IngestTask = { ...plan, ...ready, pid }
      const result = await runLoad<IngestResult>(join(here, 'load/ingest.ts'), task, 60_000)
      console.error(`  ${peer.name}: ${figure(result.closed.cpuUs)} µs CPU a request`)
      return result
    } finally {
      await stop()
    }
  })
}
