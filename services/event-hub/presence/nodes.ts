import type { NodeRow } from '@switchhook/shared/presence'

/** `here`: its sockets count. `left`: they count where there are no others. `gone`: they do not count. */
export type NodeState = 'here' | 'left' | 'gone'

interface Watched {
  seenAt: string
  /** Looks in a row in which it had not moved. */
  silent: number
  /** When its sockets do not count any more, Unix milliseconds; it has stopped. */
  leftUntil: number | null
}

/** A hub moves every 5 s and is looked at every second: one that missed three was killed. */
const maxSilent = 15

/** So much later every hub has seen that it is gone, and its rows may go. */
const wasteAfter = 60

/**
 * Which hubs live. Their clocks need not agree: what counts is how often we looked and it had not moved, and only at
 * the first look its time is believed. While the store is away nobody looks, so nobody dies of it.
 */
export class Nodes {
  readonly #graceMs: number
  #known = new Map<string, Watched>()
  #states = new Map<string, NodeState>()

  constructor(graceMs: number) {
    this.#graceMs = graceMs
  }

  /** As it was when last noticed. */
  state(id: string): NodeState {
    return this.#states.get(id) ?? 'gone'
  }

  /**
   * Takes in what a look found, which is all of them.
   * @returns whether the state of any has changed; `revived` if one that was gone is back
   */
  notice(rows: readonly NodeRow[], now: number): 'same' | 'changed' | 'revived' {
    this.#known = new Map(rows.map((row) => [row.id, this.#next(row, now)]))
    const before = this.#states
    this.#states = new Map([...this.#known].map(([id, node]) => [id, stateOf(node, now)]))
    const ids = [...new Set([...before.keys(), ...this.#states.keys()])]
    const changed = ids.filter((id) => (before.get(id) ?? 'gone') !== this.state(id))
    if (changed.some((id) => before.get(id) === 'gone')) return 'revived'
    return changed.length > 0 ? 'changed' : 'same'
  }

  /** Those that are gone for so long that every hub knows. */
  get waste(): string[] {
    return [...this.#known]
      .filter(([id, { silent }]) => this.state(id) === 'gone' && silent >= wasteAfter)
      .map(([id]) => id)
  }

  #next({ id, seenAt, leftAt }: NodeRow, now: number): Watched {
    const before = this.#known.get(id)
    if (!before) return this.#first(seenAt, { leftAt, now })
    const silent = before.seenAt === seenAt ? before.silent + 1 : 0
    const leftUntil = leftAt === null ? null : (before.leftUntil ?? now + this.#graceMs)
    return { seenAt, silent, leftUntil }
  }

  #first(seenAt: string, { leftAt, now }: { leftAt: string | null; now: number }): Watched {
    const seconds = Math.floor((now - Date.parse(seenAt)) / 1_000)
    const leftUntil = leftAt === null ? null : Math.min(Date.parse(leftAt), now) + this.#graceMs
    return { seenAt, silent: Math.min(Math.max(seconds, 0), maxSilent), leftUntil }
  }
}

function stateOf({ leftUntil, silent }: Watched, now: number): NodeState {
  if (leftUntil !== null) return now < leftUntil ? 'left' : 'gone'
  return silent < maxSilent ? 'here' : 'gone'
}
