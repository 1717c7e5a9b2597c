export { parseRedisUrl } from './url.ts'
export type { RedisReports } from './condition.ts'
export type { ParsedUrl, RedisTarget } from './url.ts'
