import { setTimeout as sleep } from 'node:timers/promises'
import { usage, usedBetween } from '../measure.ts'
import { Audience } from './audience.ts'
import { openControl, quiet } from './server.ts'
import type { Target } from './dialects.ts'

/** A way to publish: so many events at once; when everyone has them a pause, and again. */
export interface Mode {
  readonly name: string
  readonly batch: number
  readonly pauseMs: number
}

/** What the generator is to do to a server. */
export interface FanoutTask {
  readonly targets: readonly Target[]
  readonly sockets: number
  readonly modes: readonly Mode[]
  readonly repetitions: number
  /** Whether each target is visited once before, uncounted: in its first minute a process compiles what it runs. */
  readonly firstUncounted: boolean
  readonly warmMs: number
  readonly measureMs: number
}

/** What one way of publishing costs a server. */
interface Cost {
  /** Microseconds per delivery. */
  readonly cpuUs: number
  /** The share of its time the server waited for a CPU. */
  readonly waited: number
  /** Deliveries a second, from a batch's command to its last frame. */
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface FanoutRow extends Cost {
  /** Which of the targets. */
  readonly target: number
  readonly mode: string
}

/** Why a target's rows do not count. */
interface Fault {
  readonly target: number
  readonly fault: string
}

export interface FanoutResult {
  readonly rows: readonly FanoutRow[]
  readonly faults: readonly Fault[]
}

const { targets, sockets, modes, repetitions, firstUncounted, warmMs, measureMs } = JSON.parse(
  process.argv[2]!,
) as FanoutTask
const rows: FanoutRow[] = []
const faults: Fault[] = []
if (firstUncounted) {
  for (const target of targets.keys()) await visit(target)
  rows.length = 0
}
for (let repetition = 0; repetition < repetitions; repetition += 1) {
  // Whoever comes first finds the machine in another state: take turns.
  for (const turn of targets.keys()) await visit((turn + repetition) % targets.length)
}
console.log(JSON.stringify({ rows, faults } satisfies FanoutResult))

/** A target gets its subscribers and each way of publishing once. */
async function visit(index: number): Promise<void> {
  const target = targets[index]!
  const audience = new Audience(target, sockets)
  const control = await openControl(target)
  try {
    await audience.grow(sockets)
    await quiet(target.pid)
    for (const mode of modes) {
      const publish = (): Promise<void> => {
        control.write(`${mode.batch}\n`)
        return audience.receive(mode.batch)
      }
      rows.push({ target: index, mode: mode.name, ...(await measure(mode, publish)) })
    }
  } catch (error) {
    faults.push({ target: index, fault: error instanceof Error ? error.message : String(error) })
  }
  audience.leave()
  control.destroy()

  async function measure({ batch, pauseMs }: Mode, publish: () => Promise<void>): Promise<Cost> {
    await repeat(publish, { pauseMs: 0, ms: warmMs })
    audience.latency.reset()
    const before = usage(target.pid)
    const { count, busyMs } = await repeat(publish, { pauseMs, ms: measureMs })
    const delivered = count * batch * sockets
    return {
      ...usedBetween(before, usage(target.pid), delivered),
      perSecond: (delivered * 1000) / busyMs,
      p50Ms: audience.latency.percentile(50) / 1000,
      p99Ms: audience.latency.percentile(99) / 1000,
    }
  }
}

/** Publishes and pauses in turn for so long, once at least; `busyMs` is the time without the pauses. */
async function repeat(
  publish: () => Promise<void>,
  { pauseMs, ms }: { pauseMs: number; ms: number },
): Promise<{ count: number; busyMs: number }> {
  const begin = performance.now()
  let count = 0
  let busyMs = 0
  do {
    const sentAt = performance.now()
    await publish()
    busyMs += performance.now() - sentAt
    count += 1
    if (pauseMs > 0) await sleep(pauseMs)
  } while (performance.now() - begin < ms)
  return { count, busyMs }
}
