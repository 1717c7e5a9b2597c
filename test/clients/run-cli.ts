import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { cleanEnvironment, root } from '../kit/process.ts'
import type { Test } from 'tap'

const main = join(root, 'clients/cli/main.ts')

export type Settings = Readonly<Record<string, string>>

/** A CLI under way. */
export interface Running {
  readonly pid: number
  /** What it has printed so far. */
  readonly stdout: string
  readonly stderr: string
  /** Resolves with the match when stdout has it; rejects when the process ends without it. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  /** The same for stderr. */
  complained(pattern: RegExp): Promise<RegExpExecArray>
  /** Sends a signal and resolves to the exit code. */
  stop(signal: NodeJS.Signals): Promise<number | null>
  readonly exited: Promise<number | null>
}

/** Starts the real CLI with nothing of this environment but what a process needs. */
export function startCli(t: Test, args: readonly string[], settings: Settings = {}): Running {
  const child = spawn(process.execPath, [main, ...args], {
    env: cleanEnvironment({ NO_COLOR: '1', ...settings }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => (text[name] += chunk))
  }
  const exited = once(child, 'close').then(([code]) => code as number | null)
  t.teardown(async () => {
    child.kill('SIGTERM')
    await exited
  })
  const seen = async (name: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(text[name])
      if (match) return match
      const more = once(child[name], 'data').then(() => true)
      if (await Promise.race([more, exited.then(() => false)])) continue
      throw new Error(`ended without ${pattern}: ${text.stdout}\n${text.stderr}`)
    }
  }
  return {
    pid: child.pid!,
    get stdout() {
      return text.stdout
    },
    get stderr() {
      return text.stderr
    },
    exited,
    printed: (pattern) => seen('stdout', pattern),
    complained: (pattern) => seen('stderr', pattern),
    stop(signal) {
      child.kill(signal)
      return exited
    },
  }
}

/** Runs the real CLI to its end. */
export async function runCli(
  t: Test,
  args: readonly string[],
  settings: Settings = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const running = startCli(t, args, settings)
  const code = await running.exited
  return { code, stdout: running.stdout, stderr: running.stderr }
}

/** Runs several command lines at the same time. */
export async function runAll<const Lines extends readonly (readonly string[])[]>(
  t: Test,
  lines: Lines,
  settings: Settings = {},
): Promise<{ [Index in keyof Lines]: Awaited<ReturnType<typeof runCli>> }> {
  const results = await Promise.all(lines.map((line) => runCli(t, line, settings)))
  return results as { [Index in keyof Lines]: Awaited<ReturnType<typeof runCli>> }
}
