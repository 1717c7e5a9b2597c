import type { JournalRow } from '../../journal/index.ts'

/** Rows of one app on their way: an entry of its partition's stream. */
export interface Entry {
  readonly app: string
  readonly rows: readonly JournalRow[]
}

/** The fields of a stream entry. */
export function encodeEntry({ app, rows }: Entry): string[] {
  return ['app', app, 'rows', JSON.stringify(rows)]
}

/** The app an entry is about; null if the entry is not of ours. */
export function appOf(fields: readonly string[]): string | null {
  return fieldOf(fields, 'app')
}

/** The rows of an entry. @throws in plain words if they are not what {@link encodeEntry} writes */
export function rowsOf(fields: readonly string[]): JournalRow[] {
  const rows: unknown = JSON.parse(fieldOf(fields, 'rows') ?? 'null')
  if (!Array.isArray(rows) || !rows.every(isRow)) throw new Error('its rows are not of a journal')
  return rows
}

function fieldOf(fields: readonly string[], name: string): string | null {
  for (let index = 0; index + 1 < fields.length; index += 2) {
    if (fields[index] === name) return fields[index + 1]!
  }
  return null
}

function isRow(value: unknown): value is JournalRow {
  if (typeof value !== 'object' || value === null) return false
  const { seq, id, type, time, call, late, data } = value as Partial<JournalRow>
  return (
    Number.isSafeInteger(seq) &&
    [id, type, time, data].every((text) => typeof text === 'string') &&
    (call === null || typeof call === 'string') &&
    typeof late === 'boolean'
  )
}
