import type { BusReports } from './redis/condition.ts'
import type { Bus } from './contract.ts'
import type { RedisTarget } from './redis/url.ts'

export { memoryBus } from './memory.ts'
export { parseRedisUrl } from './redis/url.ts'
export type { BusReports } from './redis/condition.ts'
export type { Bus, Listener } from './contract.ts'
export type { ParsedUrl, RedisTarget } from './redis/url.ts'

/** The bus between processes. It resolves at once, whether Redis is there or not: see {@link BusReports}. */
export async function openRedisBus(target: RedisTarget, reports: BusReports): Promise<Bus> {
  // A process with everything in it never loads the client.
  const { RedisBus } = await import('./redis/index.ts')
  return new RedisBus(target, reports)
}
