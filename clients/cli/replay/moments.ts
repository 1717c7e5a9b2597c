import { UsageError } from '../exit-codes.ts'

// RFC 3339 §5.6
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i
const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** A stretch of time, RFC 3339. */
export interface Span {
  readonly from: string
  readonly to: string
}

/** @throws UsageError unless both are times, the first one earlier */
export function spanOf(flags: { from: string | undefined; to: string }, nowMs: number): Span {
  if (flags.from === undefined) throw new UsageError('--from is required, e.g. --from 2h')
  const [from, to] = [momentOf('from', flags.from, nowMs), momentOf('to', flags.to, nowMs)]
  if (from > to) throw new UsageError(`--from ${flags.from} is later than --to ${flags.to}`)
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}

/** `now`, `2h` ago, or a time. @returns Unix milliseconds */
function momentOf(flag: string, text: string, nowMs: number): number {
  if (text === 'now') return nowMs
  const [, count, unit] = /^([0-9]{1,6})([smhd])$/.exec(text) ?? []
  if (count !== undefined) return nowMs - Number(count) * unitMs[unit!]!
  const ms = moment.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(ms)) return ms
  throw new UsageError(
    `--${flag} must be like 2026-09-21T14:00:00Z, or 30m, 2h or 3d ago, is '${text}'`,
  )
}
