import { above, isBelow, type Budget, type Mark, type Source } from './source.ts'
import type { Place } from './contract.ts'

/** What several sources have in common, found by jumping from one to the other. */
export class Meeting implements Source {
  readonly #sources: readonly Source[]
  readonly #budget: Budget

  constructor(sources: readonly Source[], budget: Budget) {
    this.#sources = sources
    this.#budget = budget
  }

  async next(below: Place): Promise<Mark | null> {
    let at = below
    // Once at least: who asks again and again gets on.
    do {
      const heads = await Promise.all(this.#sources.map((source) => source.next(at)))
      const places = heads.filter((head) => head !== null)
      if (places.length < heads.length) return null
      const least = places.reduce((one, other) => (isBelow(one, other) ? one : other))
      if (places.every((place) => !isBelow(least, place))) return least
      at = above(least)
    } while (this.#budget.left > 0)
    return { ...at, stopped: true }
  }
}
