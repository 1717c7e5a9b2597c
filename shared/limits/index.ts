import { LocalCounts } from './local.ts'
import type { Tally } from './contract.ts'
import type { RedisReports, RedisTarget } from '../redis/index.ts'
import type { SharedCounts } from './redis.ts'

export { LocalCounts } from './local.ts'
export { windowMs, type Tally } from './contract.ts'
export type { SharedCounts } from './redis.ts'

/** Counts that processes share. It resolves at once, whether Redis is there or not. */
export async function openSharedCounts(
  target: RedisTarget,
  reports: RedisReports,
): Promise<SharedCounts> {
  // A process with everything in it never loads the client.
  const { SharedCounts } = await import('./redis.ts')
  return new SharedCounts(target, reports)
}

/**
 * Counts keys: here always, and with others when they can be asked. Whoever is away is missed without notice:
 * then what this process saw in the minute counts.
 */
export function countsOf(shared: SharedCounts | null) {
  const local = new LocalCounts()
  return {
    async take(key: string): Promise<Tally> {
      const here = local.take(key)
      return (await shared?.take(key)) ?? here
    },
  }
}
