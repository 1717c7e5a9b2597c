import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile, sum, treeUsage, usage, usedBetween, type Usage } from '../measure.ts'
import { signToken } from '../peers/token.ts'
import { HttpConnection } from './http.ts'
import { subscribe } from './socket.ts'
import type { Socket } from 'node:net'

/** What the generator is to do to a server. */
export interface IngestTask {
  readonly port: number
  readonly pid: number
  /** Of a database server of its own, whose time counts as well. */
  readonly postmaster: number | null
  /** Whether to see what comes out of the server's socket. */
  readonly watch: boolean
  /** Ready requests, as `writeDeliveries` left them. */
  readonly file: string
  readonly connections: number
  readonly warm: { readonly requests: number; readonly ms: number }
  readonly closedMs: number
  readonly paced: { readonly ms: number; readonly perSecond: number }
}

/** What a phase showed, per request. */
export interface IngestPhase {
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

export interface IngestResult {
  readonly closed: IngestPhase
  readonly paced: IngestPhase
  readonly bytesPerRequest: number
  readonly answered: number
  /** Null when every request was answered 200 and every event came out of the socket, if it was watched. */
  readonly invalid: string | null
}

const task = JSON.parse(process.argv[2]!) as IngestTask
const requests = readRequests(task.file)
const pacedCount = Math.ceil((task.paced.ms * task.paced.perSecond) / 1000)
const connections = Array.from({ length: task.connections }, () => new HttpConnection(task.port))
let next = 0
let answered = 0
let refused = 0
let seen = 0

const watcher = task.watch ? await watch() : null
await closedLoop(task.warm.ms, task.warm.requests)
const closed = await measured(() => closedLoop(task.closedMs))
const paced = await measured(pacedRun)
const invalid = await findFault()
console.log(
  JSON.stringify({
    closed,
    paced,
    bytesPerRequest: Math.round(
      requests.reduce((bytes, { length }) => bytes + length, 0) / requests.length,
    ),
    answered,
    invalid,
  } satisfies IngestResult),
)
for (const connection of connections) connection.close()
watcher?.destroy()

function watch(): Promise<Socket> {
  return subscribe({
    port: task.port,
    token: signToken(),
    // Heads and other small control frames are no events.
    onText: (_bytes, _start, size) => void (seen += size > 125 ? 1 : 0),
    onClosed: () => {},
  })
}

function readRequests(file: string): Buffer[] {
  const bytes = readFileSync(file)
  const found: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at)
    found.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return found
}

async function send(connection: HttpConnection): Promise<void> {
  const status = await connection.send(requests[next++]!)
  answered += 1
  if (status !== 200) refused += 1
}

/** Every connection sends its next request as soon as it has its answer, until there were enough or time is up. */
async function closedLoop(ms: number, enough = Infinity): Promise<number[]> {
  const end = performance.now() + ms
  // Some are left for the paced run.
  const last = Math.min(next + enough, requests.length - pacedCount)
  const latencies: number[] = []
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < end && next < last) {
        const sentAt = performance.now()
        await send(connection)
        latencies.push(performance.now() - sentAt)
      }
    }),
  )
  return latencies
}

/** Requests leave when they are due, whatever became of the others; latency counts from then. */
async function pacedRun(): Promise<number[]> {
  const begin = performance.now()
  const latencies: number[] = []
  let issued = 0
  await Promise.all(
    connections.map(async (connection) => {
      while (issued < pacedCount) {
        const dueAt = begin + (issued++ * 1000) / task.paced.perSecond
        const wait = dueAt - performance.now()
        if (wait > 0) await sleep(wait)
        const late = Math.max(0, performance.now() - dueAt)
        const sentAt = performance.now()
        await send(connection)
        // A timer's own delay of about a millisecond is ours, a queue's is the server's.
        latencies.push(performance.now() - sentAt + (wait > 0 ? 0 : late))
      }
    }),
  )
  return latencies
}

async function measured(phase: () => Promise<number[]>): Promise<IngestPhase> {
  const before = look()
  const begin = performance.now()
  const latencies = await phase()
  const seconds = (performance.now() - begin) / 1000
  const after = look()
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

function look(): { all: Usage; database: Usage; load: Usage } {
  const database = task.postmaster === null ? sum([]) : treeUsage(task.postmaster)
  return { all: sum([usage(task.pid), database]), database, load: usage(process.pid) }
}

/** A server that answers fast and loses something has won nothing. */
async function findFault(): Promise<string | null> {
  if (refused > 0) return `${refused} requests were not answered 200`
  if (!watcher) return null
  const deadline = performance.now() + 5_000
  const isWaiting = (): boolean => seen < answered && performance.now() < deadline
  while (isWaiting()) await sleep(10)
  return seen === answered ? null : `${answered} events went in, ${seen} came out`
}
