import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { median } from './measure.ts'

/** Where figures come from: without it they mean nothing. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly kernel: string
  readonly node: string
  /** One-minute load when the run began: others on the machine disturb. */
  readonly load: number
  /** Where stores lie, and what one sync of 4 KiB costs there. */
  readonly dataDir: string
  readonly syncMs: number
}

/** Describes the machine. */
export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    load: loadavg()[0]!,
    dataDir: `${tmpdir()} (${fileSystemOf(tmpdir())})`,
    syncMs: syncMs(),
  }
}

/** The same in one line of text. */
export function machineText({ cpu, cores, memoryGiB, kernel, node, ...rest }: Machine): string {
  const { load, dataDir, syncMs: sync } = rest
  return (
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}; ` +
    `load at the start ${load.toFixed(1)}; stores in ${dataDir}, one sync ${sync.toFixed(2)} ms`
  )
}

/** The type of the file system with the longest matching mount point: on a tmpfs a sync costs nothing. */
function fileSystemOf(path: string): string {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(
      ([, point = '-']) => path === point || path.startsWith(point === '/' ? '/' : `${point}/`),
    )
    .sort(([, a = ''], [, b = '']) => b.length - a.length)
  return mounts[0]?.[2] ?? 'unknown'
}

function syncMs(): number {
  const dir = mkdtempSync(join(tmpdir(), 'switchhook-bench-'))
  const file = openSync(join(dir, 'probe'), 'w')
  const page = Buffer.alloc(4_096, 1)
  const times = Array.from({ length: 50 }, () => {
    const before = performance.now()
    writeSync(file, page)
    fdatasyncSync(file)
    return performance.now() - before
  })
  closeSync(file)
  rmSync(dir, { recursive: true })
  return median(times)
}
