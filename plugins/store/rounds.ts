import { openRevisions, type Revisions } from '@switchhook/shared/revisions'
import type { Store } from '@switchhook/shared/database'
import type { FastifyBaseLogger } from 'fastify'

/** What another process changed is known here within a second. */
const roundMs = 500

/** What a process keeps in memory and another one may change. */
export interface Kept {
  /** In a few words. */
  readonly what: string
  /** The names under which the store counts its changes. */
  readonly counted: readonly string[]
  /** Reads what changed. */
  readonly refresh: () => Promise<void>
  /** What is to be done in every round besides. */
  readonly tend?: () => Promise<void>
}

/** What a process does again and again, twice a second: it wakes once for all of it, and the store is asked together. */
export interface Rounds {
  /** Has work done in every round, or every so many of them. @returns what ends that */
  each(work: () => void, every?: number): () => void
  /** Keeps up to date what others change, with one query for all there is as long as nobody changes anything. */
  keep(kept: Kept): void
  /** Ends all of it, and resolves when nothing is under way. */
  end(): Promise<void>
}

/** Begins the rounds of a process. Their bound is who takes part: parts of the process, not its clients. */
export function roundsOf(store: Store, log: FastifyBaseLogger): Rounds {
  const works = new Set<(round: number) => void>()
  const followers: ((revisions: Promise<Revisions>) => Promise<void>)[] = []
  const read = openRevisions(store)
  let round = 0
  let looking: Promise<unknown> | null = null
  const look = (): Promise<unknown> => {
    const revisions = read()
    return Promise.all(followers.map((follow) => follow(revisions)))
  }
  const timer = setInterval(() => {
    round += 1
    for (const work of works) work(round)
    if (followers.length > 0) looking ??= look().finally(() => (looking = null))
  }, roundMs)
  return {
    each(work, every = 1) {
      const inTurn = (current: number): void => {
        if (current % every === 0) work()
      }
      works.add(inTurn)
      return () => void works.delete(inTurn)
    },
    keep: (kept) => void followers.push(follower(kept, log)),
    async end() {
      clearInterval(timer)
      await looking
    },
  }
}

/** Refreshes when a count is another one than when that went well last; never rejects. */
function follower({ what, counted, refresh, tend }: Kept, log: FastifyBaseLogger) {
  let known: string | null = null
  let failing = false
  return async (revisions: Promise<Revisions>): Promise<void> => {
    try {
      const current = await revisions
      const counts = counted.map((name) => current.get(name) ?? 0).join()
      if (counts !== known) await refresh()
      // Read before what it counts: a change in between is read once more.
      known = counts
      await tend?.()
      failing = false
    } catch (error) {
      // What is in memory still holds while the store is away.
      if (!failing) log.warn({ err: error }, `${what} not refreshed`)
      failing = true
    }
  }
}
