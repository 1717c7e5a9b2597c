import { isoOf } from '../parts/time.ts'

/** How far back a list looks, by its name in the address: a link stays true tomorrow. */
export const ranges = [
  ['', 'Any time'],
  ['1h', 'Last hour'],
  ['today', 'Today'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
  ['custom', 'From … to …'],
] as const

const hourMs = 3_600_000
const spans: Readonly<Record<string, number>> = {
  '1h': hourMs,
  '24h': 24 * hourMs,
  '7d': 7 * 24 * hourMs,
  '30d': 30 * 24 * hourMs,
}

/** The times of a range, RFC 3339; empty: no bound. */
export interface Times {
  readonly from: string
  readonly to: string
}

/** The name of the range an address asks for. */
export function rangeOf(query: URLSearchParams): string {
  if (query.has('from') || query.has('to')) return 'custom'
  const name = query.get('range') ?? ''
  return ranges.some(([known]) => known === name) ? name : ''
}

/** What it means at this moment. */
export function timesOf(query: URLSearchParams, now: number): Times {
  const range = rangeOf(query)
  if (range === 'custom' || range === '') {
    return { from: isoOf(query.get('from')), to: isoOf(query.get('to')) }
  }
  const span = spans[range]
  const from = span === undefined ? new Date(now).setHours(0, 0, 0, 0) : now - span
  return { from: new Date(from).toISOString(), to: '' }
}
