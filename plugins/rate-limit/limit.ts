import { normalizeIP } from '@fastify/rate-limit'
import { CodedError } from '@switchhook/shared/errors'
import { countsOf, type SharedCounts } from '@switchhook/shared/limits'
import { tell } from './headers.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** How often somebody may ask in a minute. */
export interface Limit {
  /** Counts for a key, and tells how it stands in the headers. @returns `rate_limited` beyond the limit */
  count(key: string, reply: FastifyReply): Promise<CodedError | null>
  /** Counts for the address that a request comes from. @returns `rate_limited` beyond the limit */
  countAddress(request: FastifyRequest, reply: FastifyReply): Promise<CodedError | null>
  /**
   * Counts every request of a scope, for whom `identify` says it comes from. What is refused before that is known, by
   * `identify` or a hook before it, counts for its address; so whoever guesses is slowed down, and uses up nobody's
   * share. Nobody is refused for the address alone: behind it may be many.
   */
  guard(scope: FastifyInstance, identify: (request: FastifyRequest) => Promise<string>): void
}

/** Who may have any number of addresses has one: of IPv6 its network counts, the first 64 bits. */
export const addressOf = (ip: string): string => normalizeIP(ip)

interface Policy {
  readonly name: string
  readonly perMinute: number
}

/** @param shared counts of all processes; null: each counts by itself */
export function limitOf({ name, perMinute }: Policy, shared: SharedCounts | null): Limit {
  // Apart, so that addresses, of which anybody has many, push no key out of memory.
  const keys = countsOf(`${name} key`, shared)
  const addresses = countsOf(`${name} address`, shared)

  const take = async (counts: typeof keys, key: string, reply: FastifyReply) => {
    const { count, resetMs } = await counts.take(key)
    const reset = Math.max(1, Math.ceil(resetMs / 1_000))
    tell(reply, { name, limit: perMinute, remaining: Math.max(0, perMinute - count), reset })
    if (count <= perMinute) return null
    return new CodedError('rate_limited', { args: [reset], retryAfter: reset })
  }

  const limit: Limit = {
    count: (key, reply) => take(keys, key, reply),
    countAddress: ({ ip }, reply) => take(addresses, addressOf(ip), reply),
    guard(scope, identify) {
      const counted = new WeakSet<FastifyRequest>()
      scope.addHook('onRequest', async (request, reply) => {
        const key = await identify(request)
        counted.add(request)
        const refusal = await limit.count(key, reply)
        if (refusal) throw refusal
      })
      scope.setErrorHandler(async (error, request, reply) => {
        throw (!counted.has(request) && (await limit.countAddress(request, reply))) || error
      })
    },
  }
  return limit
}
