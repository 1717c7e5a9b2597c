import { addressOf } from '@switchhook/plugins/rate-limit'
import { CodedError } from '@switchhook/shared/errors'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Requests of an address that prove nothing are counted; beyond the limit they get 429 instead of their reason. */
export interface UnverifiedLimit {
  /**
   * Runs a verification: at once, or one at a time for addresses beyond the limit, so that a flood of bad signatures
   * keeps one thread busy at most. @throws CodedError `overload` when too many of those wait
   */
  verifying<T>(address: string, verification: () => Promise<T>): Promise<T>
  /** Counts a failed verification. @returns what to answer it with: its reason, or `rate_limited` */
  failed(request: FastifyRequest, reply: FastifyReply, reason: CodedError): Promise<CodedError>
}

/** Addresses beyond their limit that are remembered; the oldest are forgotten first. */
const maxAddresses = 10_000
/** Verifications of addresses beyond the limit that wait for their turn. */
const maxWaiting = 1_000

/** @param perMinute failed verifications of one address before it is told to slow down */
export function limitUnverified(app: FastifyInstance, perMinute: number): UnverifiedLimit {
  const limit = app.limits.of('webhooks', perMinute)
  const suspects = new Suspects()
  const lane = new Lane()
  return {
    // Never refused for its address alone: whoever shares it with a flood may still prove what it sends.
    verifying: (address, verification) =>
      suspects.has(address) ? lane.run(verification) : verification(),
    async failed(request, reply, reason) {
      const refusal = await limit.countAddress(request, reply)
      if (!refusal) return reason
      suspects.add(request.ip, refusal.retryAfter! * 1_000)
      return refusal
    },
  }
}

/** Addresses beyond their limit, each until its window ends. */
class Suspects {
  readonly #until = new Map<string, number>()

  has(ip: string): boolean {
    if (this.#until.size === 0) return false
    const address = addressOf(ip)
    const until = this.#until.get(address)
    if (until === undefined) return false
    if (until > Date.now()) return true
    this.#until.delete(address)
    return false
  }

  add(ip: string, forMs: number): void {
    this.#until.set(addressOf(ip), Date.now() + forMs)
    if (this.#until.size <= maxAddresses) return
    for (const oldest of this.#until.keys()) return void this.#until.delete(oldest)
  }
}

/** One after the other. */
class Lane {
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= maxWaiting) throw new CodedError('overload', { args: [5], retryAfter: 5 })
    this.#waiting += 1
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => {})
    try {
      return await turn
    } finally {
      this.#waiting -= 1
    }
  }
}
