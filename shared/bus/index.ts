import type { RedisTarget } from '../redis/index.ts'
import type { Bus, BusReports } from './contract.ts'

export { memoryBus } from './memory.ts'
export type { Bus, BusReports, Listener } from './contract.ts'

/** The bus between processes. It resolves at once, whether Redis is there or not: see {@link BusReports}. */
export async function openRedisBus(target: RedisTarget, reports: BusReports): Promise<Bus> {
  // A process with everything in it never loads the client.
  const { RedisBus } = await import('./redis/index.ts')
  return new RedisBus(target, reports)
}
