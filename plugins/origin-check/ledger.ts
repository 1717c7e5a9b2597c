import { refusalLog } from './refusal-log.ts'
import { Tallies } from './tally.ts'
import type { FastifyBaseLogger } from 'fastify'
import type { Judgement } from './judge.ts'
import type { OriginMetrics } from './metrics.ts'

interface Parts {
  readonly metrics: OriginMetrics
  readonly log: FastifyBaseLogger
  readonly now: () => number
}

/** Longer than any host name with its scheme and port; what is longer is shown cut. */
const shownLength = 300

/** What origins were told, in tallies, metrics and the log. */
export class Ledger {
  readonly refused = new Tallies()
  readonly deprecated = new Tallies()
  readonly #metrics: OriginMetrics
  readonly #logRefusal: ReturnType<typeof refusalLog>
  readonly #now: () => number

  constructor({ metrics, log, now }: Parts) {
    this.#metrics = metrics
    this.#logRefusal = refusalLog(log)
    this.#now = now
  }

  enter(given: string, judgement: Judgement): void {
    const now = this.#now()
    const origin = given.length > shownLength ? `${given.slice(0, shownLength)}…` : given
    if (!judgement.passes) {
      this.#metrics.refused(judgement.reason)
      this.refused.count(origin, now)
      this.#logRefusal({ origin, fix: judgement.fix, now })
    } else if (judgement.entry.until !== null) {
      this.#metrics.deprecated()
      this.deprecated.count(origin, now)
    }
  }

  /** Who came with an origin that has a last day. */
  enterUser(origin: string, user: string): void {
    this.deprecated.addUser(origin, { user, now: this.#now() })
  }
}
