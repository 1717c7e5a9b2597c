import type { RegistrarNode } from '@switchhook/shared/registrations'

interface Watched {
  readonly seenAt: string
  /** Looks in a row in which it had not moved. */
  readonly silent: number
}

/** A process moves with every look of the others: one that missed four was killed. */
const maxSilent = 4

/**
 * Which sip-proxies live. Their clocks need not agree: what counts is how often we looked and it had not moved. While
 * the store is away nobody looks, so nobody dies of it.
 */
export class Nodes {
  #known = new Map<string, Watched>()

  /** Takes in what a look found, which is all of them. */
  notice(nodes: readonly RegistrarNode[]): void {
    this.#known = new Map(
      nodes.map(({ id, seenAt }) => {
        const before = this.#known.get(id)
        return [id, { seenAt, silent: before?.seenAt === seenAt ? before.silent + 1 : 0 }]
      }),
    )
  }

  /** Those that were killed. */
  get gone(): string[] {
    return [...this.#known].flatMap(([id, { silent }]) => (silent >= maxSilent ? id : []))
  }
}
