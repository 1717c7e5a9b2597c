import { readFileSync } from 'node:fs'
import { percentile, sum, treeUsage, usage, usedBetween, type Usage } from '../measure.ts'
import { IngestTarget, type Address } from './ingest-target.ts'

/** What the generator is to do to some servers. */
export interface IngestTask {
  readonly targets: readonly Address[]
  /** Of a database server of their own, whose time counts as well. */
  readonly postmaster: number | null
  /** Ready requests, as `writeDeliveries` left them. */
  readonly file: string
  readonly connections: number
  /** To each, until there were enough or time is up. */
  readonly warm: { readonly requests: number; readonly ms: number }
  /** How often each is visited, and for how long. */
  readonly closed: { readonly visits: number; readonly ms: number }
  readonly paced: { readonly visits: number; readonly ms: number; readonly perSecond: number }
}

/** What a visit showed, per request. */
export interface Visit {
  readonly requests: number
  readonly cpuUs: number
  /** What of it the database server used. */
  readonly databaseUs: number
  /** What this generator used, which is not in it. */
  readonly loadUs: number
  /** The share of its time the server waited for a CPU. */
  readonly waited: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** What all visits to a server showed. */
export interface IngestResult {
  readonly closed: readonly Visit[]
  readonly paced: readonly Visit[]
  readonly answered: number
  /** Null when every request was answered 200. */
  readonly invalid: string | null
}

export interface IngestResults {
  readonly bytesPerRequest: number
  /** In the order of the targets. */
  readonly results: readonly IngestResult[]
}

type Run = (target: IngestTarget) => Promise<number[]>

/** Before a visit counts: whoever was not visited for a while finds no cache as it left it. */
const leadInMs = 100

const task = JSON.parse(process.argv[2]!) as IngestTask
const requests = readRequests(task.file)
const targets: IngestTarget[] = []
for (const address of task.targets) {
  targets.push(new IngestTarget(address, { requests, connections: task.connections }))
}
for (const target of targets) await target.closedLoop(task.warm.ms, task.warm.requests)
const closed = await visitAll(task.closed.visits, (target) => target.closedLoop(task.closed.ms))
const paced = await visitAll(task.paced.visits, (target) =>
  target.pacedRun(task.paced.ms, task.paced.perSecond),
)
const results: IngestResult[] = []
for (const [index, target] of targets.entries()) {
  const invalid = target.findFault()
  const { answered } = target
  results.push({ closed: closed[index]!, paced: paced[index]!, answered, invalid })
}
const bytes = requests.reduce((total, { length }) => total + length, 0)
const bytesPerRequest = Math.round(bytes / requests.length)
console.log(JSON.stringify({ bytesPerRequest, results } satisfies IngestResults))
for (const target of targets) target.close()

function readRequests(file: string): Buffer[] {
  const all = readFileSync(file)
  const found: Buffer[] = []
  for (let at = 0; at < all.length;) {
    const length = all.readUInt32BE(at)
    found.push(all.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return found
}

/** Whoever comes first finds the machine in another state, so they take turns at that as well. */
async function visitAll(visits: number, run: Run): Promise<Visit[][]> {
  const found = targets.map((): Visit[] => [])
  for (let visit = 0; visit < visits; visit += 1) {
    for (const turn of targets.keys()) {
      const index = (turn + visit) % targets.length
      found[index]!.push(await measured(targets[index]!, run))
    }
  }
  return found
}

async function measured(target: IngestTarget, run: Run): Promise<Visit> {
  await target.closedLoop(leadInMs)
  const before = look(target)
  const begin = performance.now()
  const latencies = await run(target)
  const seconds = (performance.now() - begin) / 1000
  const after = look(target)
  const count = latencies.length
  return {
    requests: count,
    ...usedBetween(before.all, after.all, count),
    databaseUs: usedBetween(before.database, after.database, count).cpuUs,
    loadUs: usedBetween(before.load, after.load, count).cpuUs,
    perSecond: count / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  }
}

/** The others are idle meanwhile, so what the database server does it does for this one. */
function look({ pid }: IngestTarget): { all: Usage; database: Usage; load: Usage } {
  const database = task.postmaster === null ? sum([]) : treeUsage(task.postmaster)
  return { all: sum([usage(pid), database]), database, load: usage(process.pid) }
}
