import { fork } from 'node:child_process'
import { once } from 'node:events'
import { phoneOrigin } from '../sip/relay.ts'
import type { Lifetime } from '../postgres.ts'
import type { Crowded } from './crowd-process.ts'

/** Many phones in a process of their own. */
export interface Crowd {
  /** All connect, and stay registered. */
  come(): void
  /** All close their sockets. */
  leave(): void
  /** Resolves when so many are registered. @throws if that takes longer than `ms` */
  registered(count: number, ms?: number): Promise<void>
  /** Resolves when no socket is left. */
  gone(): Promise<void>
  /** SIGKILL, or SIGSTOP: their sockets stay open, and nobody is there. */
  signal(name: NodeJS.Signals): void
}

interface CrowdOptions {
  readonly url: string
  readonly count: number
}

export function startCrowd(lifetime: Lifetime, { url, count }: CrowdOptions): Crowd {
  const child = fork(`${import.meta.dirname}/crowd-process.ts`, [url, String(count), phoneOrigin])
  lifetime.teardown(() => child.kill('SIGKILL'))
  let now: Crowded = { registered: 0, open: 0 }
  child.on('message', (message) => (now = message as Crowded))
  const become = async (isSo: () => boolean, ms: number): Promise<void> => {
    const signal = AbortSignal.timeout(ms)
    while (!isSo()) {
      await once(child, 'message', { signal }).catch((cause: unknown) => {
        throw new Error(`still ${JSON.stringify(now)} after ${ms} ms`, { cause })
      })
    }
  }
  return {
    come: () => child.send('come'),
    leave: () => child.send('leave'),
    registered: (wanted, ms = 120_000) => become(() => now.registered === wanted, ms),
    gone: () => become(() => now.open === 0, 120_000),
    signal: (name) => child.kill(name),
  }
}
