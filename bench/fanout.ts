import { join } from 'node:path'
import { inTempDir, runLoad, type Started } from './children.ts'
import { hub, peers, startPeer, type FanoutPeer } from './fanout-peers.ts'
import { isHere, leftOut } from './needs.ts'
import type { FanoutResult, FanoutTask, Mode } from './load/fanout.ts'
import type { IdleTask } from './load/idle.ts'
import type { Weight } from './load/weigh.ts'
import type { Target } from './load/dialects.ts'
import type { Options } from './options.ts'
import type { Ready } from './peers/control.ts'

const loads = join(import.meta.dirname, 'load')
const deadlineMs = 300_000

/** The ways of publishing, with the goals for a ratio of CPU. */
export const modes: readonly (Mode & { title: string; goal: number })[] = [
  { name: 'lone', batch: 1, pauseMs: 50, title: 'lone events', goal: 0.85 },
  { name: 'burst', batch: 20, pauseMs: 250, title: 'bursts of 20', goal: 0.1 },
]

/** What all peers showed with one number of subscribers; `target` of a row is an index into the peers. */
export interface FanoutRun extends FanoutResult {
  readonly sockets: number
}

export interface FanoutReport {
  readonly valid: boolean
  readonly peers: readonly string[]
  /** Peers whose program is not on this machine, and how to get it. */
  readonly leftOut: readonly string[]
  readonly runs: readonly FanoutRun[]
  readonly idle: { readonly sockets: number; readonly results: readonly Weight[] }
}

/** Measures what an event costs per subscriber, peers in turn, and what a subscriber weighs. */
export async function benchFanout(options: Options): Promise<FanoutReport> {
  const present = peers.filter(isHere)
  const absent = leftOut(peers)
  for (const line of absent) console.error(`fanout: ${line}`)
  const runs = await measureAll(present, options)
  const sockets = options.quick ? 200 : Math.max(...options.sockets)
  console.error(`fanout: ${sockets} idle sockets`)
  const results: Weight[] = []
  for (const peer of present) results.push(await weigh(peer, sockets))
  const valid =
    runs.every(({ faults }) => faults.length === 0) && results.every(({ fault }) => fault === null)
  return {
    valid,
    peers: present.map(({ name }) => name),
    leftOut: absent,
    runs,
    idle: { sockets, results },
  }
}

/** All peers run at the same time, so that each can be visited right after the other. */
async function measureAll(
  present: readonly FanoutPeer[],
  { quick, repetitions, sockets: counts, profile }: Options,
): Promise<FanoutRun[]> {
  const plan = {
    modes,
    repetitions,
    firstUncounted: !quick,
    warmMs: quick ? 100 : 200,
    measureMs: quick ? 300 : 900,
  }
  return inTempDir(async (dir) => {
    const servers: Started<Ready>[] = []
    try {
      for (const peer of present) {
        servers.push(await startPeer(peer, dir, peer === hub ? profile : undefined))
      }
      const targets = servers.map(({ ready }, index): Target => {
        return { ...ready, dialect: present[index]!.dialect }
      })
      const runs: FanoutRun[] = []
      for (const sockets of counts) {
        console.error(`fanout: ${sockets} subscribers, ${repetitions} visits to each peer`)
        const task: FanoutTask = { ...plan, targets, sockets }
        const result = await runLoad<FanoutResult>(join(loads, 'fanout.ts'), task, deadlineMs)
        runs.push({ sockets, ...result })
      }
      return runs
    } finally {
      await Promise.all(servers.map((server) => server.stop()))
    }
  })
}

/** A fresh process, with nothing else in its memory. */
async function weigh(peer: FanoutPeer, sockets: number): Promise<Weight> {
  return inTempDir(async (dir) => {
    const { ready, stop } = await startPeer(peer, dir)
    try {
      const task: IdleTask = { target: { ...ready, dialect: peer.dialect }, sockets }
      return await runLoad<Weight>(join(loads, 'idle.ts'), task, deadlineMs)
    } finally {
      await stop()
    }
  })
}
