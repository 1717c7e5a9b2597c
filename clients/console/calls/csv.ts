import { nameOf } from '../live/cells.tsx'
import { lookOf } from '../live/look.ts'
import { beganAt } from './row.tsx'
import type { CallRecord } from '@switchhook/shared/projections'

/** The columns of the file: title, and what stands there. */
const columns: readonly (readonly [string, (call: CallRecord) => string | number | null])[] = [
  ['id', ({ id }) => id],
  ['state', lookOf],
  ['direction', ({ direction }) => direction],
  ['from', ({ from }) => from],
  ['to', ({ to }) => to],
  ['agent', ({ agent }) => nameOf(agent)],
  ['provider', ({ provider }) => provider],
  ['began_at', beganAt],
  ['answered_at', ({ answered_at }) => answered_at],
  ['ended_at', ({ ended_at }) => ended_at],
  ['talked_ms', talkedMs],
  ['reason', ({ reason }) => reason],
]

/** The first line. */
export const csvHead = line(columns.map(([title]) => title))

/** A call as a line. */
export function csvLine(call: CallRecord): string {
  return line(columns.map(([, value]) => value(call)))
}

function line(values: readonly (string | number | null)[]): string {
  return `${values.map(cell).join(',')}\r\n`
}

/**
 * RFC 4180 §2. Spreadsheets take a text that begins with one of these signs for a formula, which a caller's name could
 * be: an apostrophe before it makes it a text again, also for `+1202…`.
 */
function cell(value: string | number | null): string {
  if (value === null) return ''
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function talkedMs({ answered_at, ended_at }: CallRecord): number | null {
  if (answered_at === null || ended_at === null) return null
  return Math.max(0, Date.parse(ended_at) - Date.parse(answered_at))
}
