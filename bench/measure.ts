import { readdirSync, readFileSync } from 'node:fs'

/** What a process has had of the CPU, all its threads together, milliseconds. */
export interface Usage {
  /** User and system. */
  readonly cpuMs: number
  /** Ready to run and not running, because others were. */
  readonly waitMs: number
}

/**
 * What a process has used so far. The scheduler's own account is read, in nanoseconds: `utime` and `stime` show
 * the same sum in steps of 10 ms.
 */
export function usage(pid: number): Usage {
  const tasks = `/proc/${pid}/task`
  let [cpuMs, waitMs] = [0, 0]
  for (const task of readdirSync(tasks)) {
    const [cpu, wait] = readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ').map(Number)
    cpuMs += cpu! / 1e6
    waitMs += wait! / 1e6
  }
  return { cpuMs, waitMs }
}

/** What a process has used since `before`: microseconds for each of `count`, and the share of waiting. */
export function usedSince(
  before: Usage,
  pid: number,
  count: number,
): { cpuUs: number; waited: number } {
  const now = usage(pid)
  const cpuMs = now.cpuMs - before.cpuMs
  const waitMs = now.waitMs - before.waitMs
  return { cpuUs: (cpuMs * 1000) / count, waited: waitMs / (cpuMs + waitMs) }
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
