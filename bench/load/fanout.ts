import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { rssBytes, usage, usedBetween } from '../measure.ts'
import { Audience } from './audience.ts'

/** A way to publish: batches at a steady rate, or so many events on their way all the time. */
export type Mode =
  | { readonly name: string; readonly batch: number; readonly perSecond: number }
  | { readonly name: string; readonly outstanding: number }

/** What the generator is to do to a server. */
export interface FanoutTask {
  readonly port: number
  readonly control: number
  readonly pid: number
  readonly sockets: readonly number[]
  readonly modes: readonly Mode[]
  readonly warmMs: number
  readonly measureMs: number
  /** So many idle sockets are weighed instead. */
  readonly idle?: number
}

/** What one mode showed with one number of subscribers. */
export interface FanoutRow {
  readonly sockets: number
  readonly mode: string
  readonly cpuUs: number
  /** The share of its time the server waited for a CPU. */
  readonly waited: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface FanoutResult {
  readonly rows: readonly FanoutRow[]
  readonly rssPerSocket: number | null
  /** Why the rows that are missing do not count. */
  readonly invalid: string | null
}

const task = JSON.parse(process.argv[2]!) as FanoutTask
const audience = new Audience(task.port)
const control = connect({ host: '127.0.0.1', port: task.control, noDelay: true })
await once(control, 'connect')
const rows: FanoutRow[] = []
let rssPerSocket: number | null = null
let invalid: string | null = null
try {
  if (task.idle === undefined) await measureAll()
  else rssPerSocket = await weigh(task.idle)
} catch (error) {
  invalid = error instanceof Error ? error.message : String(error)
}
console.log(JSON.stringify({ rows, rssPerSocket, invalid } satisfies FanoutResult))
audience.leave()
control.destroy()

async function measureAll(): Promise<void> {
  for (const sockets of task.sockets) {
    await audience.grow(sockets)
    for (const mode of task.modes) rows.push(await measure(mode))
  }
}

async function measure(mode: Mode): Promise<FanoutRow> {
  await run(mode, task.warmMs)
  audience.reset()
  const before = usage(task.pid)
  const begin = performance.now()
  await run(mode, task.measureMs)
  const seconds = (performance.now() - begin) / 1000
  const used = usedBetween(before, usage(task.pid), audience.delivered)
  return {
    sockets: audience.size,
    mode: mode.name,
    ...used,
    perSecond: audience.delivered / seconds,
    p50Ms: audience.latency.percentile(50) / 1000,
    p99Ms: audience.latency.percentile(99) / 1000,
  }
}

async function run(mode: Mode, ms: number): Promise<void> {
  if ('outstanding' in mode) await runClosed(mode.outstanding, ms)
  else await runPaced(mode, ms)
  await audience.settled()
}

async function runClosed(outstanding: number, ms: number): Promise<void> {
  audience.onComplete = () => publish(1)
  for (let count = 0; count < outstanding; count += 1) publish(1)
  await sleep(ms)
  audience.onComplete = () => {}
}

async function runPaced(
  { batch, perSecond }: { batch: number; perSecond: number },
  ms: number,
): Promise<void> {
  const begin = performance.now()
  for (let due = 0; due < ms; due += 1000 / perSecond) {
    await sleep(Math.max(0, begin + due - performance.now()))
    publish(batch)
  }
  await sleep(Math.max(0, begin + ms - performance.now()))
}

function publish(count: number): void {
  audience.expect(count)
  control.write(`${count}\n`)
}

/** Resident bytes per idle, authenticated socket, garbage collected before and after. */
async function weigh(sockets: number): Promise<number> {
  // The first ones load code and warm it up.
  const first = 100
  await audience.grow(first)
  const before = await collected()
  await audience.grow(first + sockets)
  return ((await collected()) - before) / sockets
}

async function collected(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    control.write('gc\n')
    await once(control, 'data')
    await sleep(100)
  }
  return rssBytes(task.pid)
}
