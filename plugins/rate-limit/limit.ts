import { normalizeIP } from '@fastify/rate-limit'
import { CodedError } from '@switchhook/shared/errors'
import { windowMs } from '@switchhook/shared/limits'
import { tell } from './headers.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** How often somebody may ask in a minute. */
export interface Limit {
  /** Counts for whom a key names, and tells how it stands in the headers. @returns `rate_limited` beyond the limit */
  count(request: FastifyRequest, reply: FastifyReply, key: string): Promise<CodedError | null>
  /** Counts for the address that a request comes from. @returns `rate_limited` beyond the limit */
  countAddress(request: FastifyRequest, reply: FastifyReply): Promise<CodedError | null>
  /**
   * Counts every request of a scope, for whom `identify` says it comes from. What is refused before that is known, by
   * `identify` or a hook before it, counts for its address; so whoever guesses is slowed down, and uses up nobody's
   * share. Nobody is refused for the address alone: behind it may be many.
   */
  guard(scope: FastifyInstance, identify: (request: FastifyRequest) => Promise<string>): void
}

/**
 * Who may have any number of addresses has one: of IPv6 its network counts, the first 64 bits. Whoever has hung up has
 * none any more, whatever the type says; all of those are one.
 */
export const addressOf = (ip: string | undefined): string =>
  ip === undefined ? 'gone' : normalizeIP(ip)

interface Policy {
  readonly name: string
  readonly perMinute: number
}

/** A limit of `@fastify/rate-limit`, which must be registered. */
export function limitOf(app: FastifyInstance, { name, perMinute }: Policy): Limit {
  const policy = { max: perMinute, timeWindow: windowMs }
  const keys = new WeakMap<FastifyRequest, string>()
  // Counted apart, so that addresses, of which anybody has many, push no key out of memory.
  const ofKey = app.createRateLimit({
    ...policy,
    keyGenerator: (request) => `${name} key ${keys.get(request)}`,
  })
  const ofAddress = app.createRateLimit({
    ...policy,
    keyGenerator: ({ ip }) => `${name} address ${addressOf(ip)}`,
  })

  const take = async (counter: typeof ofKey, request: FastifyRequest, reply: FastifyReply) => {
    const counted = await counter(request)
    if (counted.isAllowed) return null
    const { remaining, isExceeded } = counted
    const reset = Math.max(1, counted.ttlInSeconds)
    tell(reply, { name, limit: perMinute, remaining, reset })
    return isExceeded ? new CodedError('rate_limited', { args: [reset], retryAfter: reset }) : null
  }

  const limit: Limit = {
    count(request, reply, key) {
      keys.set(request, key)
      return take(ofKey, request, reply)
    },
    countAddress: (request, reply) => take(ofAddress, request, reply),
    guard(scope, identify) {
      const counted = new WeakSet<FastifyRequest>()
      scope.addHook('onRequest', async (request, reply) => {
        const key = await identify(request)
        counted.add(request)
        const refusal = await limit.count(request, reply, key)
        if (refusal) throw refusal
      })
      scope.setErrorHandler(async (error, request, reply) => {
        throw (!counted.has(request) && (await limit.countAddress(request, reply))) || error
      })
    },
  }
  return limit
}
