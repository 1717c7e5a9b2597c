import { createHash } from 'node:crypto'

/** The fields of a JSON object, each still to be checked. */
export type Fields = Readonly<Record<string, unknown>>

const longestId = 128
const tooDeep = '[nested too deep]'

/** The fields of a value that came from outside; null if it is no object (arrays are none). */
export function fieldsOf(value: unknown): Fields | null {
  return isObject(value) ? value : null
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * A string any store takes: U+FFFD stands for NUL, which PostgreSQL refuses, and for lone
 * surrogates, which have no UTF-8 form. Null if the value is no string or empty.
 */
export function plainText(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null
  return value.replaceAll('\0', '\uFFFD').toWellFormed()
}

/**
 * An id as safe text of at most 128 UTF-16 units: strings as in `plainText`, finite numbers in
 * decimal, longer ones as `sha256:` and the hex digest of that text. Null for everything else.
 */
export function idText(value: unknown): string | null {
  const text = plainText(Number.isFinite(value) ? String(value) : value)
  if (text === null || text.length <= longestId) return text
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

/** A count or a code, given as an integer or as up to nine decimal digits; else null. */
export function wholeNumber(value: unknown): number | null {
  if (typeof value === 'string') return /^\d{1,9}$/.test(value) ? Number(value) : null
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}

/** An amount of money as its decimal text, given as text or as a number; else null. */
export function decimalText(value: unknown): string | null {
  const text = idText(value)
  return text !== null && /^-?\d+(\.\d+)?$/.test(text) ? text : null
}

/** An address a page may link to: http or https; null for everything else. */
export function webAddress(value: unknown): string | null {
  const text = plainText(value)
  return text !== null && /^https?:\/\//i.test(text) ? text : null
}

/**
 * A copy of parsed JSON that ends `levels` levels down. Structured clone and JSON.stringify both
 * recurse: one body of brackets would fail the whole batch it is written with.
 */
export function limitDepth(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (levels === 0) return tooDeep
  if (Array.isArray(value)) return value.map((item) => limitDepth(item, levels - 1))
  // fromEntries defines properties, so a key named __proto__ stays data.
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, limitDepth(item, levels - 1)]),
  )
}
