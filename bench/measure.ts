import { readdirSync, readFileSync } from 'node:fs'

/** What processes have had of the CPU, all their threads together, milliseconds. */
export interface Usage {
  /** User and system. */
  readonly cpuMs: number
  /** Ready to run and not running, because others were. */
  readonly waitMs: number
}

/** Of `cutime` and `cstime`: on every architecture that Node runs on. */
const ticksPerSecond = 100

/**
 * What a process has used so far. The scheduler's own account is read, in nanoseconds: `utime` and `stime` show
 * the same sum in steps of 10 ms.
 */
export function usage(pid: number): Usage {
  const tasks = `/proc/${pid}/task`
  return sum(readdirSync(tasks).map((task) => taskUsage(`${tasks}/${task}/schedstat`)))
}

/** The same of a process with all its children, also of those that have ended. */
export function treeUsage(pid: number): Usage {
  const living = [pid, ...childrenOf(pid)].map(usageIfThere)
  return sum([{ cpuMs: endedMs(pid), waitMs: 0 }, ...living])
}

/** All of them together. */
export function sum(usages: readonly Usage[]): Usage {
  return usages.reduce((a, b) => ({ cpuMs: a.cpuMs + b.cpuMs, waitMs: a.waitMs + b.waitMs }), {
    cpuMs: 0,
    waitMs: 0,
  })
}

/** What was used between two looks: microseconds for each of `count`, and the share of waiting. */
export function usedBetween(
  before: Usage,
  after: Usage,
  count: number,
): { cpuUs: number; waited: number } {
  const cpuMs = after.cpuMs - before.cpuMs
  const waitMs = after.waitMs - before.waitMs
  return { cpuUs: (cpuMs * 1000) / count, waited: waitMs / (cpuMs + waitMs) }
}

/** The process that started another one. */
export function parentOf(pid: number): number {
  return Number(statOf(pid)[1])
}

/** Resident memory of a process; what the kernel holds for its sockets is not in it. */
export function rssBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024
}

/** The middle of the values, NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The median of `a / b` over pairs that were measured next to each other. */
export function medianRatio(a: readonly number[], b: readonly number[]): number {
  return median(a.map((value, index) => value / b[index]!))
}

/** The value below which `share` of all lie, of an array that is sorted here. */
export function percentile(values: number[], share: number): number {
  values.sort((a, b) => a - b)
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN
}

function taskUsage(schedstat: string): Usage {
  const [cpu, wait] = readFileSync(schedstat, 'utf8').split(' ').map(Number)
  return { cpuMs: cpu! / 1e6, waitMs: wait! / 1e6 }
}

/** A child may end between two looks; then its parent has its time. */
function usageIfThere(pid: number): Usage {
  try {
    return usage(pid)
  } catch {
    return { cpuMs: 0, waitMs: 0 }
  }
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return text === '' ? [] : text.split(' ').map(Number)
}

function endedMs(pid: number): number {
  const [cutime, cstime] = statOf(pid).slice(13, 15).map(Number)
  return ((cutime! + cstime!) * 1000) / ticksPerSecond
}

/** The fields of `/proc/<pid>/stat` behind the name, which may have spaces in it: state, parent, … */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}
