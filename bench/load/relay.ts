import { createHistogram } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { usage, usedBetween } from '../measure.ts'
import { openLines, type Line } from './line.ts'
import { quiet } from './server.ts'
import type { Ready } from '../peers/control.ts'

/** A way to talk over so many lines: each with so many messages under way, or all together at a pace. */
export interface Mode {
  readonly name: string
  readonly lines: number
  readonly underWay: number
  /** Null: the next message follows the echo. */
  readonly perSecond: number | null
}

/** What the generator is to do to relays. */
export interface RelayTask {
  readonly targets: readonly Ready[]
  readonly modes: readonly Mode[]
  readonly repetitions: number
  readonly warmMs: number
  readonly measureMs: number
}

export interface RelayRow {
  /** Which of the targets. */
  readonly target: number
  readonly mode: string
  /** Microseconds per message that was relayed, an echo being one more. */
  readonly cpuUs: number
  /** The share of its time the relay waited for a CPU. */
  readonly waited: number
  readonly perSecond: number
  /** There and back; null where messages are not single. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
}

/** Why a target's rows do not count. */
interface Fault {
  readonly target: number
  readonly fault: string
}

export interface RelayResult {
  readonly rows: readonly RelayRow[]
  readonly faults: readonly Fault[]
}

const task = JSON.parse(process.argv[2]!) as RelayTask
const { targets, modes, repetitions, warmMs, measureMs } = task
const rows: RelayRow[] = []
const faults: Fault[] = []
for (let repetition = 0; repetition < repetitions; repetition += 1) {
  // Whoever comes first finds the machine in another state: take turns.
  for (const turn of targets.keys()) await visit((turn + repetition) % targets.length)
}
console.log(JSON.stringify({ rows, faults } satisfies RelayResult))

/** A target gets each way of talking once, on lines of their own. */
async function visit(index: number): Promise<void> {
  for (const mode of modes) {
    const lines: Line[] = []
    try {
      rows.push({
        target: index,
        mode: mode.name,
        ...(await measure(targets[index]!, mode, lines)),
      })
    } catch (error) {
      faults.push({ target: index, fault: error instanceof Error ? error.message : String(error) })
    }
    for (const line of lines) line.close()
  }
}

async function measure(
  { pid, port }: Ready,
  mode: Mode,
  lines: Line[],
): Promise<Omit<RelayRow, 'target' | 'mode'>> {
  await openLines(port, lines, mode.lines)
  await quiet(pid)
  await talk(lines, mode, warmMs)
  const latency = createHistogram()
  if (mode.perSecond !== null) for (const line of lines) line.latency = latency
  const begin = performance.now()
  const before = usage(pid)
  const echoes = await talk(lines, mode, measureMs)
  const ms = performance.now() - begin
  return {
    ...usedBetween(before, usage(pid), 2 * echoes),
    perSecond: (2 * echoes * 1000) / ms,
    p50Ms: latency.count > 0 ? latency.percentile(50) / 1000 : null,
    p99Ms: latency.count > 0 ? latency.percentile(99) / 1000 : null,
  }
}

/** Talks for so long and listens to the end. @returns how many echoes there were */
async function talk(lines: readonly Line[], mode: Mode, ms: number): Promise<number> {
  const { perSecond, underWay } = mode
  let echoes = 0
  let over = false
  for (const line of lines) {
    line.onEchoes = (count) => {
      echoes += count
      if (perSecond === null && !over) line.say(count)
    }
  }
  if (perSecond === null) {
    for (const line of lines) line.say(underWay)
    await sleep(ms)
  } else await pace(lines, perSecond, ms)
  over = true
  await Promise.all(lines.map((line) => line.silent()))
  return echoes
}

/** One message after the other, each on the next line. */
async function pace(lines: readonly Line[], perSecond: number, ms: number): Promise<void> {
  const begin = performance.now()
  let said = 0
  for (let passed = 0; passed < ms; passed = performance.now() - begin) {
    const due = Math.floor((passed * perSecond) / 1000)
    for (; said < due; said += 1) lines[said % lines.length]!.say(1)
    await sleep(1)
  }
}
