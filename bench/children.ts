import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const live = new Set<ChildProcess>()
const directories = new Set<string>()
const startMs = 30_000
const stopMs = 8_000

/** A server that said it is ready. */
export interface Started<Ready> {
  readonly pid: number
  readonly ready: Ready
  stop(): Promise<void>
}

interface Program {
  readonly script: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly nodeFlags?: readonly string[]
}

/** Starts a server; `readyOf` finds in a line of its output that it is ready. @throws with its output if it fails */
export async function startServer<Ready>(
  program: Program,
  readyOf: (line: string) => Ready | undefined,
): Promise<Started<Ready>> {
  const { child, errors } = launch(program)
  const ready = Promise.withResolvers<Ready>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const found = readyOf(line)
    if (found !== undefined) ready.resolve(found)
  })
  child.once('exit', () => ready.reject(new Error(`${program.script} ended: ${errors()}`)))
  const timer = setTimeout(() => ready.reject(new Error(`${program.script} is not ready`)), startMs)
  try {
    return { pid: child.pid!, ready: await ready.promise, stop: () => stop(child) }
  } catch (error) {
    await stop(child)
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Runs a load generator, which takes its task as JSON and prints its findings as JSON. @throws if it fails */
export async function runLoad<Result>(
  script: string,
  task: object,
  deadlineMs: number,
): Promise<Result> {
  const { child, errors } = launch({ script, args: [JSON.stringify(task)] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += String(chunk)))
  const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs)
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  clearTimeout(timer)
  if (code !== 0) throw new Error(`${script} ended with ${code ?? signal}: ${errors()}`)
  return JSON.parse(output) as Result
}

/** Does some work with a directory that is gone afterwards. */
export async function inTempDir<Result>(work: (dir: string) => Promise<Result>): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), 'switchhook-bench-'))
  directories.add(dir)
  try {
    return await work(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
    directories.delete(dir)
  }
}

/** Leaves no process and no directory behind, however this one ends. */
export function cleanUpOnExit(): void {
  process.on('exit', () => {
    for (const child of live) child.kill('SIGKILL')
    for (const dir of directories) rmSync(dir, { recursive: true, force: true })
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
}

function launch({ script, args = [], env = {}, nodeFlags = [] }: Program) {
  const child = spawn(process.execPath, [...nodeFlags, script, ...args], {
    // Not what a developer happens to have set.
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  live.add(child)
  child.once('exit', () => live.delete(child))
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + String(chunk)).slice(-4_000)))
  return { child, errors: () => errors }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const impatience = setTimeout(() => child.kill('SIGKILL'), stopMs)
  await exited
  clearTimeout(impatience)
}
