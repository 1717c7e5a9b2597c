import { join } from 'node:path'
import { inTempDir, runLoad, startServer } from './children.ts'
import { databaseServer, query, type DatabaseServer } from './database.ts'
import { writeDeliveries } from './deliveries.ts'
import { figure } from './table.ts'
import type { Keys } from '@switchhook/shared/providers'
import type { Given, IngestPeer, IngestSuite } from './ingest-suites.ts'
import type { IngestResult, IngestTask } from './load/ingest.ts'
import type { Options } from './options.ts'

const here = import.meta.dirname

/** One peer's results, one per repetition. */
export interface IngestRow {
  readonly peer: string
  readonly results: IngestResult[]
}

export interface IngestReport {
  readonly valid: boolean
  readonly rows: readonly IngestRow[]
}

type Plan = Omit<IngestTask, 'port' | 'pid'>

/** A repetition: the same deliveries for every peer. */
interface Round {
  readonly plan: Plan
  readonly keys: Keys
  readonly server: DatabaseServer | null
  readonly profile: string | undefined
}

/** Measures what a webhook costs from the socket to the answer, peers in turn within each repetition. */
export async function benchIngest(suite: IngestSuite, options: Options): Promise<IngestReport> {
  const { peers, provider } = suite
  const rows = peers.map(({ name }): IngestRow => ({ peer: name, results: [] }))
  const server = suite.store === 'postgres' ? await databaseServer() : null
  const keys = provider.simulator.newKeys()
  const { quick, profile, repetitions } = options
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    await inTempDir(async (dir) => {
      const file = join(dir, 'requests')
      const plan = planOf(file, { quick, server })
      console.error(`${suite.title} ${repetition + 1}/${repetitions}: signing deliveries`)
      writeDeliveries(file, { provider, keys, count: quick ? 2_000 : suite.deliveries })
      for (const turn of peers.keys()) {
        // Whoever comes first finds the machine in another state: take turns.
        const index = (turn + repetition) % peers.length
        const result = await measure(peers[index]!, { plan, keys, server, profile })
        rows[index]!.results.push(result)
      }
    })
  }
  return {
    valid: rows.every(({ results }) => results.every(({ invalid }) => invalid === null)),
    rows,
  }
}

function planOf(
  file: string,
  { quick, server }: { quick: boolean; server: DatabaseServer | null },
): Plan {
  return {
    file,
    postmaster: server?.postmaster ?? null,
    watch: server === null,
    connections: 32,
    warm: quick ? { requests: 200, ms: 500 } : { requests: 5_000, ms: 10_000 },
    closedMs: quick ? 300 : 3_000,
    paced: { ms: quick ? 300 : 4_000, perSecond: 300 },
  }
}

/** Gives the peer an empty store. */
function measure(peer: IngestPeer, round: Round): Promise<IngestResult> {
  const { keys, server } = round
  return inTempDir((dir) =>
    server
      ? server.withDatabase((database) => run(peer, round, { dir, keys, database }))
      : run(peer, round, { dir, keys, database: '' }),
  )
}

async function run(peer: IngestPeer, round: Round, given: Given): Promise<IngestResult> {
  const { plan, profile } = round
  const isProfiled = peer.ours === true && profile !== undefined
  const { pid, ready, stop } = await startServer(
    {
      script: join(here, peer.script),
      nodeFlags: isProfiled ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [],
      env: peer.env(given),
    },
    readyOf,
  )
  try {
    const task: IngestTask = { ...plan, ...ready, pid }
    const result = await runLoad<IngestResult>(join(here, 'load/ingest.ts'), task, 60_000)
    const invalid = result.invalid ?? (await missing(peer, given.database, result.answered))
    console.error(`  ${peer.name}: ${figure(result.closed.cpuUs)} µs CPU a request`)
    return { ...result, invalid }
  } finally {
    await stop()
  }
}

/** A server that answers fast and loses something has won nothing. */
async function missing(
  { check }: IngestPeer,
  database: string,
  answered: number,
): Promise<string | null> {
  if (check === undefined) return null
  const [row] = await query<{ stored: number }>(database, check)
  const { stored } = row!
  return stored === answered ? null : `${answered} events went in, ${stored} are stored in order`
}

/** Ours say where they are in words, the others in JSON. */
function readyOf(line: string): { port: number } | undefined {
  const port =
    / is ready.*?http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1] ?? /"port":(\d+)/.exec(line)?.[1]
  return port === undefined ? undefined : { port: Number(port) }
}
