/** What the outside is told about the links to a Redis. */
export interface RedisReports {
  /** It cannot be used now. */
  readonly onAway: (reason: Error) => void
  /** It can be used again, or for the first time. */
  readonly onBack: () => void
  /** Something was left out; at most once a minute for each reason. */
  readonly onSkipped: (reason: string, count: number) => void
}

/** A change is told at once; of a server that comes and goes all the time, one change in so many milliseconds. */
const quietMs = 10_000
const minuteMs = 60_000

/** Adds up the states of several links to one, and tells its changes. */
export class Condition {
  readonly #reports: RedisReports
  /** The links that work, and those that do not, with the reason. A link that has not connected yet is in neither. */
  readonly #links = new Map<object, Error | null>()
  readonly #skipped = new Map<string, { quietUntil: number; unsaid: number }>()
  #told: 'away' | 'back' | null = null
  #quietUntil = 0

  constructor(reports: RedisReports) {
    this.#reports = reports
  }

  /** Why some link does not work now; null if all do. */
  get failure(): Error | null {
    for (const reason of this.#links.values()) if (reason) return reason
    return null
  }

  /** Called again with every attempt that fails. */
  away(link: object, reason: Error): void {
    this.#links.set(link, reason)
    if (this.#told === 'away' || performance.now() < this.#quietUntil) return
    this.#told = 'away'
    this.#quietUntil = performance.now() + quietMs
    this.#reports.onAway(reason)
  }

  back(link: object): void {
    if (this.#links.get(link) === null) return
    this.#links.set(link, null)
    if (this.#told === 'back' || this.failure) return
    this.#told = 'back'
    this.#reports.onBack()
  }

  /** Counts what was left out: the first are told at once, then at most one line a minute tells the rest. */
  skip(reason: string, count: number): void {
    const entry = this.#skipped.get(reason) ?? { quietUntil: 0, unsaid: 0 }
    this.#skipped.set(reason, entry)
    entry.unsaid += count
    const now = performance.now()
    if (now < entry.quietUntil) return
    const { unsaid } = entry
    Object.assign(entry, { quietUntil: now + minuteMs, unsaid: 0 })
    this.#reports.onSkipped(reason, unsaid)
  }
}
