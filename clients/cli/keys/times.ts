import { UsageError } from '../exit-codes.ts'

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }
// RFC 3339 §5.6
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** `0`, `30m`, `24h` or `7d`. @throws UsageError */
export function secondsOf(flag: string, text: string): number {
  const found = text === '0' ? 0 : spanOf(text)
  if (found !== undefined) return found
  throw new UsageError(`--${flag} must be like 0, 30m, 24h or 7d, is '${text}'`)
}

/** A time, or one so far ahead. @returns RFC 3339 @throws UsageError */
export function timeOf(flag: string, text: string, nowMs: number): string {
  const span = spanOf(text)
  if (span !== undefined) return new Date(nowMs + span * 1_000).toISOString()
  if (moment.test(text)) return text
  throw new UsageError(`--${flag} must be like 90d, or 2027-01-31T00:00:00Z, is '${text}'`)
}

function spanOf(text: string): number | undefined {
  const [, count, unit] = /^([0-9]{1,6})([smhd])$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * seconds[unit!]!
}
