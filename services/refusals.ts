/** How often an address may have a refusal explained by accept-and-close, per minute. */
const explainedPerMinute = 10
const maxAddresses = 10_000
const minuteMs = 60_000

/**
 * Page code cannot read a refused handshake, so a browser's is accepted and closed with the reason. That costs a
 * socket for a moment: each address gets a budget of it, and a flood from too many addresses gets none.
 */
export class RefusalBudget {
  #since = 0
  readonly #used = new Map<string, number>()

  /** Whether this refusal may be explained. */
  take(address: string, nowMs: number): boolean {
    if (nowMs - this.#since >= minuteMs) {
      this.#used.clear()
      this.#since = nowMs
    }
    const used = this.#used.get(address) ?? 0
    if (used >= explainedPerMinute || (used === 0 && this.#used.size >= maxAddresses)) return false
    this.#used.set(address, used + 1)
    return true
  }
}
