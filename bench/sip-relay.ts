import { join } from 'node:path'
import { inTempDir, runLoad, type Started } from './children.ts'
import { isHere, leftOut } from './needs.ts'
import { direct, dirOf, peers, proxy, startEcho, type RelayPeer } from './sip-relay-peers.ts'
import type { Mode, RelayResult, RelayTask } from './load/relay.ts'
import type { RelayIdleTask } from './load/relay-idle.ts'
import type { Weight } from './load/weigh.ts'
import type { Options } from './options.ts'
import type { Ready } from './peers/control.ts'

const loads = join(import.meta.dirname, 'load')
const deadlineMs = 300_000

/** The ways of talking, with the goals for a ratio of CPU. */
export const modes: readonly (Mode & { title: string; goal: number })[] = [
  {
    name: 'stream',
    lines: 8,
    underWay: 16,
    perSecond: null,
    title: '8 lines with 16 messages under way on each',
    goal: 0.35,
  },
  {
    name: 'single',
    lines: 200,
    underWay: 1,
    perSecond: 1_000,
    title: 'single messages, 1,000 a second over 200 lines, each to and fro',
    goal: 0.85,
  },
]

/** What all relays showed; `target` of a row is an index into the peers, of which the last is no relay at all. */
export interface SipRelayReport extends RelayResult {
  readonly valid: boolean
  readonly peers: readonly string[]
  /** Peers whose program is not on this machine, and how to get it. */
  readonly leftOut: readonly string[]
  readonly idle: { readonly lines: number; readonly results: readonly Weight[] }
}

/** Measures what a message costs on its way through a relay, peers in turn, and what a connection weighs. */
export async function benchSipRelay(options: Options): Promise<SipRelayReport> {
  const present = peers.filter(isHere)
  const absent = leftOut(peers)
  for (const line of absent) console.error(`sip-relay: ${line}`)
  const result = await measureAll(present, options)
  const lines = options.quick ? 300 : 2_000
  console.error(`sip-relay: ${lines} idle lines`)
  const results: Weight[] = []
  for (const peer of present) results.push(await weigh(peer, lines))
  return {
    valid: result.faults.length === 0 && results.every(({ fault }) => fault === null),
    peers: [...present.map(({ name }) => name), direct],
    leftOut: absent,
    ...result,
    idle: { lines, results },
  }
}

/** All peers run at the same time, so that each can be visited right after the other. */
async function measureAll(
  present: readonly RelayPeer[],
  { quick, repetitions, profile }: Options,
): Promise<RelayResult> {
  const plan = { modes, repetitions, warmMs: quick ? 100 : 700, measureMs: quick ? 300 : 1_500 }
  return withPeers(present, profile, (targets) => {
    console.error(`sip-relay: ${repetitions} visits to each peer`)
    const task: RelayTask = { ...plan, targets }
    return runLoad<RelayResult>(join(loads, 'relay.ts'), task, deadlineMs)
  })
}

/** Fresh processes, with nothing else in their memory. */
async function weigh(peer: RelayPeer, lines: number): Promise<Weight> {
  return withPeers([peer], undefined, ([target]) => {
    const task: RelayIdleTask = { target: target!, lines }
    return runLoad<Weight>(join(loads, 'relay-idle.ts'), task, deadlineMs)
  })
}

/** Does some work with running peers, the last of the targets being the echo behind them all. */
async function withPeers<Result>(
  wanted: readonly RelayPeer[],
  profile: string | undefined,
  work: (targets: readonly Ready[]) => Promise<Result>,
): Promise<Result> {
  return inTempDir(async (dir) => {
    const running: Started<Ready>[] = []
    try {
      const echo = await startEcho()
      running.push(echo)
      const upstream = `ws://127.0.0.1:${echo.ready.port}`
      for (const peer of wanted) {
        const server = await peer.start({
          dir: dirOf(peer, dir),
          upstream,
          profile: peer === proxy ? profile : undefined,
        })
        running.push(server)
      }
      const [first, ...others] = running
      return await work([...others, first!].map(({ ready }) => ready))
    } finally {
      await Promise.all(running.map((server) => server.stop()))
    }
  })
}
