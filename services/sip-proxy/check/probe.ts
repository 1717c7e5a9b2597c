import { CodedError } from '@switchhook/shared/errors'
import { overload } from '../admission/places.ts'
import { hangUp, type Reach } from '../dial/reach.ts'
import type { Route } from '../upstreams/contract.ts'

/** How long an outcome is told to whoever asks next, milliseconds. */
const freshMs = 5_000
/** Routes under way at once; one more has to wait. */
const maxProbes = 4
/** Outcomes that are remembered; the oldest go. */
const maxOutcomes = 1_000

interface Outcome {
  readonly settled: Promise<void>
  /** Of the clock of `performance`; infinite while it is under way. */
  endsAt: number
}

/** Tries whether routes lead anywhere, however many ask: a PBX sees one handshake of it in five seconds. */
export class Probe {
  readonly #reach: Reach
  readonly #closing = new AbortController()
  readonly #outcomes = new Map<string, Outcome>()
  #underWay = 0

  constructor(reach: Reach) {
    this.#reach = reach
  }

  /** @throws CodedError what a socket to the route would fail with, or `overload` */
  async assertReachable(route: Route): Promise<void> {
    // As they are filled in: after a change of the file the same name may be another place.
    const key = JSON.stringify([route.upstream, route.targets])
    const known = this.#outcomes.get(key)
    if (known && known.endsAt > performance.now()) return known.settled
    if (this.#underWay >= maxProbes) throw overload()
    this.#outcomes.delete(key)
    const outcome: Outcome = { settled: this.#try(route), endsAt: Infinity }
    this.#outcomes.set(key, outcome)
    this.#forgetOldest()
    try {
      await outcome.settled
    } finally {
      outcome.endsAt = performance.now() + freshMs
    }
  }

  /** Gives up what is under way. */
  close(): void {
    this.#closing.abort(new CodedError('shutting_down', { retryAfter: 1 }))
  }

  async #try(route: Route): Promise<void> {
    this.#underWay += 1
    try {
      const { signal } = this.#closing
      const { wire } = await this.#reach(route, { signal, userAgent: undefined })
      hangUp(wire)
    } finally {
      this.#underWay -= 1
    }
  }

  #forgetOldest(): void {
    if (this.#outcomes.size <= maxOutcomes) return
    const [oldest] = this.#outcomes.keys()
    this.#outcomes.delete(oldest!)
  }
}
