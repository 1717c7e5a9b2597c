import { CodedError, type Code } from '@switchhook/shared/errors'
import { Failover, type Dial } from '../../../services/sip-proxy/failover/index.ts'
import { FakeClock } from './fake-clock.ts'
import { routeTo } from './route.ts'
import type { Test } from 'tap'

/** What a dial or a trial may take, ms. */
export const dialMs = 5_000

/** Of a client that stays. */
export const patience = { signal: new AbortController().signal, deadlineMs: 20_000 }

export const hostOf = (url: string): string => new URL(url).hostname

export const refused = (host: string, code: Code = 'upstream_unreachable') =>
  new CodedError(code, { args: [host, 'refused'] })

/** A failover over hosts that are up unless they are in `down`, with everything that was dialled and said. */
export function targets(t: Test, random = 0.5) {
  const clock = new FakeClock()
  const down = new Set<string>()
  const dialled: string[] = []
  const trials: { host: string; at: number }[] = []
  const said: string[] = []
  const say = (_: unknown, text?: string): void => void said.push(text!)
  const failover = new Failover({
    dialMs,
    clock,
    random: () => random,
    log: { info: say, warn: say } as never,
    async trial(_upstream, { host }) {
      trials.push({ host, at: clock.now() })
      if (down.has(host)) throw refused(host)
    },
  })
  t.teardown(() => failover.close())
  const dial: Dial<string> = async ({ host }) => {
    dialled.push(host)
    if (down.has(host)) throw refused(host)
    return host
  }
  /** A client that asks for these hosts in their order. @returns whom it dialled */
  const connect = async (...hosts: string[]): Promise<string[]> => {
    dialled.length = 0
    await failover.connect(routeTo(...hosts), dial, patience).catch(() => {})
    return [...dialled]
  }
  const states = () =>
    Object.fromEntries(failover.targets.map(({ url, state }) => [hostOf(url), state]))
  return { clock, down, trials, said, failover, connect, states }
}
