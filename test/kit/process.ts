import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** Below those that the system gives to whoever asks for any port: nobody gets one of ours before we use it. */
const [firstPort, lastPort] = [11_000, 32_000]

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(firstPort, lastPort)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}

export interface Running {
  readonly child: ChildProcess
  readonly url: string
  /** Everything it printed so far. */
  output(): string
  /** Resolves with the exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>
}

/** The environment of a process, without what a developer happens to have set. */
export function cleanEnvironment(extra: Record<string, string>): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...extra }
}

/** Starts a service's real process. */
export function spawnService(service: string, environment: Record<string, string>): Running {
  const child = spawn(process.execPath, [join(root, 'services', service, 'main.ts')], {
    env: cleanEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output = (output + String(chunk)).slice(-100_000)))
  }
  // With `exit` alone its last lines may be unread.
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal!))
  })
  const { HOST = '127.0.0.1', PORT = '3000' } = environment
  return { child, url: `http://${HOST}:${PORT}`, output: () => output, exited }
}

/** Resolves when the process says that it is ready. @throws with its output if it ends or takes too long */
export async function ready({ child, output }: Running): Promise<void> {
  const deadline = AbortSignal.timeout(60_000)
  while (!output().includes(' is ready')) {
    if (child.exitCode !== null || deadline.aborted) throw new Error(`not ready: ${output()}`)
    await Promise.race([
      once(child.stdout!, 'data', { signal: deadline }),
      once(child, 'exit', { signal: deadline }),
    ]).catch(() => {})
  }
}
