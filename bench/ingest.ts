import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { inTempDir, runLoad, startServer } from './children.ts'
import { databaseServer, query, type DatabaseServer } from './database.ts'
import { writeDeliveries } from './deliveries.ts'
import { median } from './measure.ts'
import { figure } from './table.ts'
import type { Keys } from '@switchhook/shared/providers'
import type { Given, IngestPeer, IngestSuite } from './ingest-suites.ts'
import type { IngestResult, IngestResults, IngestTask } from './load/ingest.ts'
import type { Options } from './options.ts'

const here = import.meta.dirname
const loadMs = 600_000

/** One peer's results, one per repetition. */
export interface IngestRow {
  readonly peer: string
  readonly results: IngestResult[]
}

export interface IngestReport {
  readonly valid: boolean
  readonly bytesPerRequest: number
  readonly rows: readonly IngestRow[]
}

/** What the peers of a repetition have in common. */
interface Round {
  readonly keys: Keys
  readonly server: DatabaseServer | null
  readonly profile: string | undefined
}

/** A peer that runs. */
interface Running {
  readonly peer: IngestPeer
  readonly store: Store
  readonly address: { readonly port: number; readonly pid: number }
}

/**
 * Measures what a webhook costs from the socket to the answer. The peers run at the same time, each with a store of
 * its own, and are visited in turn: what else goes on on the machine, goes on for all of them.
 */
export async function benchIngest(suite: IngestSuite, options: Options): Promise<IngestReport> {
  const { peers, provider } = suite
  const { quick, repetitions, profile } = options
  const rows = peers.map(({ name }): IngestRow => ({ peer: name, results: [] }))
  const server = suite.store === 'postgres' ? await databaseServer() : null
  const keys = provider.simulator.newKeys()
  let bytesPerRequest = 0
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    console.error(`${suite.title} ${repetition + 1}/${repetitions}`)
    await inTempDir(async (dir) => {
      const plan = planOf(join(dir, 'requests'), quick, server)
      const count = quick ? 6_000 : suite.deliveries
      writeDeliveries(plan.file, { provider, keys, count })
      await withPeers(peers, { keys, server, profile }, async (running) => {
        const found = await load(running, plan)
        bytesPerRequest = found.bytesPerRequest
        for (const [index, result] of found.results.entries()) rows[index]!.results.push(result)
      })
    })
  }
  const valid = rows.every(({ results }) => results.every(({ invalid }) => invalid === null))
  return { valid, bytesPerRequest, rows }
}

type Plan = Omit<IngestTask, 'targets'>

function planOf(file: string, quick: boolean, server: DatabaseServer | null): Plan {
  return {
    file,
    postmaster: server?.postmaster ?? null,
    connections: 32,
    // Past the thousand requests after which our process closes a connection: V8 learns something new from that.
    warm: quick ? { requests: 200, ms: 500 } : { requests: 36_000, ms: 12_000 },
    closed: quick ? { visits: 1, ms: 300 } : { visits: 6, ms: 700 },
    paced: { perSecond: 300, ...(quick ? { visits: 1, ms: 300 } : { visits: 4, ms: 1_500 }) },
  }
}

/** Starts the peers, each with an empty store, and does some work while they all run. */
async function withPeers(
  peers: readonly IngestPeer[],
  round: Round,
  work: (running: readonly Running[]) => Promise<void>,
): Promise<void> {
  const [peer, ...others] = peers
  if (!peer) return work([])
  await withStore(round.server, (store) =>
    withPeer(peer, { ...round, store }, (first) =>
      withPeers(others, round, (rest) => work([first, ...rest])),
    ),
  )
}

type Store = Omit<Given, 'keys'>

function withStore(
  server: DatabaseServer | null,
  work: (store: Store) => Promise<void>,
): Promise<void> {
  return inTempDir((dir) =>
    server
      ? server.withDatabase((database) => work({ dir, database }))
      : work({ dir, database: '' }),
  )
}

async function withPeer(
  peer: IngestPeer,
  { keys, profile, store }: Round & { store: Store },
  work: (running: Running) => Promise<void>,
): Promise<void> {
  const isProfiled = peer.ours === true && profile !== undefined
  const { pid, ready, stop } = await startServer(
    {
      script: join(here, peer.script),
      nodeFlags: isProfiled ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [],
      env: peer.env({ ...store, keys }),
    },
    readyOf,
  )
  try {
    await work({ peer, store, address: { ...ready, pid } })
  } finally {
    await stop()
  }
}

/** Ours say where they are in words, the others in JSON. */
function readyOf(line: string): { port: number } | undefined {
  const port =
    / is ready.*?http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1] ?? /"port":(\d+)/.exec(line)?.[1]
  return port === undefined ? undefined : { port: Number(port) }
}

async function load(running: readonly Running[], plan: Plan): Promise<IngestResults> {
  const task: IngestTask = { ...plan, targets: running.map(({ address }) => address) }
  const { bytesPerRequest, results } = await runLoad<IngestResults>(
    join(here, 'load/ingest.ts'),
    task,
    loadMs,
  )
  const checked: IngestResult[] = []
  for (const [index, { peer, store }] of running.entries()) {
    const result = results[index]!
    const invalid = result.invalid ?? (await missing(peer, store, result.answered))
    checked.push({ ...result, invalid })
    const cpuUs = median(result.closed.map((visit) => visit.cpuUs))
    console.error(`  ${peer.name}: ${invalid ?? `${figure(cpuUs)} µs CPU a request`}`)
  }
  return { bytesPerRequest, results: checked }
}

/** A server that answers fast and loses something has won nothing. */
async function missing(
  { check, file }: IngestPeer,
  { dir, database }: Store,
  answered: number,
): Promise<string | null> {
  if (check === undefined) return null
  const stored =
    file === undefined ? await storedIn(database, check) : countIn(join(dir, file), check)
  return stored === answered ? null : `${answered} events went in, ${stored} are stored in order`
}

async function storedIn(database: string, check: string): Promise<number> {
  const [row] = await query<{ stored: number }>(database, check)
  return row!.stored
}

/** Beside the running process, as SQLite allows. */
function countIn(file: string, check: string): number {
  const db = new DatabaseSync(file, { readOnly: true })
  const row = db.prepare(check).get()
  db.close()
  return Number(row?.['stored'])
}
