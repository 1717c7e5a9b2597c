import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { mainOf } from './workspace.ts'
import type { Environment } from '@switchhook/shared/config'

/** A service running as a process of its own. */
export interface ServiceProcess {
  readonly child: ChildProcess
  /** Resolves to its exit code; 128 + n if signal n ended it. Never rejects. */
  readonly exited: Promise<number>
}

interface StartOptions {
  readonly args?: readonly string[]
  readonly environment: Environment
  readonly stdio: StdioOptions
}

/**
 * Starts `services/<name>/main.ts`. It leads a process group of its own: Ctrl-C in a terminal reaches us alone, and
 * the service gets each signal once, from us, instead of twice (which would mean "at once").
 */
export function startService(
  name: string,
  { args = [], environment, stdio }: StartOptions,
): ServiceProcess {
  const child = spawn(process.execPath, [mainOf(name), ...args], {
    env: environment,
    stdio,
    detached: true,
  })
  // However we end, nothing stays behind on the port.
  const abandon = (): void => void child.kill('SIGTERM')
  process.once('exit', abandon)
  const exited = once(child, 'close').then(
    ([code, signal]: unknown[]) => {
      process.off('exit', abandon)
      return typeof code === 'number' ? code : 128 + constants.signals[signal as NodeJS.Signals]
    },
    () => 127,
  )
  return { child, exited }
}

/** Asks a process to stop, and ends it when it does not. */
export async function stopService(
  { child, exited }: ServiceProcess,
  patienceMs: number,
): Promise<void> {
  child.kill('SIGTERM')
  const impatience = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  await exited
  clearTimeout(impatience)
}
