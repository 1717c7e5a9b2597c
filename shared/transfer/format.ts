import type { Identity, Row } from './sql.ts'
import type { Value } from '../database/index.ts'

/** Raised when a reader of today would misunderstand what is written. */
export const format = 1

/** The first line. */
export interface Header {
  readonly switchhook: 'export'
  readonly format: number
  readonly migration: Identity['migration']
  readonly exportedAt: string
  readonly epoch: string
}

/** The last line. Between the two, a line `{"table":"…","row":{…}}` per row, tables in their order. */
export interface Trailer {
  /** How many rows each table has. */
  readonly rows: Readonly<Record<string, number>>
  /** Of every octet before this line. */
  readonly sha256: string
}

/** A line as it is written. */
export function lineOf(value: Header | Trailer): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}

/** Rows as they are written, octets as `{"base64":"…"}`. */
export function rowLines(table: string, rows: readonly Row[]): Buffer {
  const lines = rows.map((row) => `${JSON.stringify({ table, row: written(row) })}\n`)
  return Buffer.from(lines.join(''))
}

function written(row: Row): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      value instanceof Uint8Array ? { base64: base64Of(value) } : value,
    ]),
  )
}

function base64Of({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

/** A value as a store takes it; undefined if nothing was written that becomes one. */
export function valueOf(given: unknown): Value | undefined {
  if (given === null || typeof given === 'string' || typeof given === 'number') return given
  const text = fieldOf(given, 'base64')
  return typeof text === 'string' ? Buffer.from(text, 'base64') : undefined
}

/** A field of what may be anything. */
export function fieldOf(given: unknown, name: string): unknown {
  return typeof given === 'object' && given !== null
    ? (given as Readonly<Record<string, unknown>>)[name]
    : undefined
}
