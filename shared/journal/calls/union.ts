import { isBelow, type Budget, type Mark, type Source } from './source.ts'
import type { Place } from './contract.ts'

/** Sources that can be compared in the time of one entry. */
const comparisons = 16

/** Several sources as one, each place once. */
export class Union implements Source {
  readonly #sources: readonly Source[]
  readonly #budget: Budget
  /** What each comes with next; undefined: it was not asked yet. */
  readonly #heads: (Mark | null | undefined)[]
  #first: Mark | null | undefined = undefined

  constructor(sources: readonly Source[], budget: Budget) {
    this.#sources = sources
    this.#budget = budget
    this.#heads = sources.map(() => undefined)
  }

  async next(below: Place): Promise<Mark | null> {
    if (isSpent(this.#first, below)) {
      this.#budget.left -= this.#sources.length / comparisons
      this.#first = await this.#search(below)
    }
    return this.#first ?? null
  }

  async #search(below: Place): Promise<Mark | null> {
    const spent = [...this.#sources.keys()].filter((index) => isSpent(this.#heads[index], below))
    const heads = await Promise.all(spent.map((index) => this.#sources[index]!.next(below)))
    for (const [place, index] of spent.entries()) this.#heads[index] = heads[place]!
    let first: Mark | null = null
    for (const head of this.#heads) if (head && (!first || isBefore(head, first))) first = head
    return first
  }
}

function isSpent(head: Mark | null | undefined, below: Place): boolean {
  return head === undefined || (head !== null && !isBelow(head, below))
}

/** Where somebody stopped comes after the call that is there. */
function isBefore(one: Mark, other: Mark): boolean {
  return isBelow(other, one) || (!isBelow(one, other) && other.stopped === true)
}
