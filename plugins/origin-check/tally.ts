/** How often an origin came, between which times, and who with it. */
export interface Tally {
  readonly origin: string
  count: number
  readonly firstAt: number
  lastAt: number
  /** The latest ones, at most `maxUsers`. */
  readonly users: Set<string>
}

const maxOrigins = 1_000
const maxUsers = 20

/** Counts origins, up to 1,000 of them: the one not seen for longest gives way. */
export class Tallies {
  readonly #byOrigin = new Map<string, Tally>()

  /** @param now Unix milliseconds */
  count(origin: string, now: number): void {
    const tally = this.#latest(origin, now)
    tally.count += 1
    tally.lastAt = now
  }

  addUser(origin: string, { user, now }: { user: string; now: number }): void {
    const { users } = this.#latest(origin, now)
    users.delete(user)
    users.add(user)
    if (users.size > maxUsers) removeOldest(users)
  }

  /** The latest first. */
  get all(): readonly Tally[] {
    return [...this.#byOrigin.values()].toReversed()
  }

  #latest(origin: string, now: number): Tally {
    const known = this.#byOrigin.get(origin)
    const tally = known ?? { origin, count: 0, firstAt: now, lastAt: now, users: new Set() }
    this.#byOrigin.delete(origin)
    this.#byOrigin.set(origin, tally)
    if (this.#byOrigin.size > maxOrigins) removeOldest(this.#byOrigin)
    return tally
  }
}

/** Maps and sets keep the order of insertion. */
function removeOldest(kept: Map<string, unknown> | Set<string>): void {
  for (const oldest of kept.keys()) return void kept.delete(oldest)
}
