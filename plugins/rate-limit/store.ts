import { countsOf, type SharedCounts } from '@switchhook/shared/limits'
import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit'

/**
 * Where `@fastify/rate-limit` counts: here always, and with others where they can be asked. Its own store for Redis
 * refuses requests or stops counting while Redis is away.
 * @param shared counts of all processes; null: each counts by itself
 */
export function storeOf(shared: SharedCounts | null): FastifyRateLimitStoreCtor {
  return class Store implements FastifyRateLimitStore {
    readonly #counts = countsOf(shared)

    incr(key: string, done: Parameters<FastifyRateLimitStore['incr']>[1]): void {
      // It never rejects: who is away is missed.
      void this.#take(key, done)
    }

    /** Of one limit, with a memory of its own. */
    child(): Store {
      return new Store()
    }

    async #take(key: string, done: Parameters<FastifyRateLimitStore['incr']>[1]): Promise<void> {
      const { count, resetMs } = await this.#counts.take(key)
      done(null, { current: count, ttl: resetMs })
    }
  }
}
