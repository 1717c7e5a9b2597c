import type { Keywords } from './leaf.ts'

/** A text made into the type its schema wants, or what it should have been. */
export type Converted =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string }

const booleans = new Map<string, boolean>([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

/** Converts the text of a variable to what the leaf's schema describes. */
export function convert(text: string, keywords: Keywords): Converted {
  switch (keywords.type) {
    case 'integer':
      return number(text.trim(), /^[+-]?[0-9]+$/, 'must be an integer')
    case 'number':
      return number(
        text.trim(),
        /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i,
        'must be a number',
      )
    case 'boolean':
      return boolean(text.trim().toLowerCase())
    case 'array':
      return array(text, keywords)
    default:
      return { ok: true, value: text }
  }
}

/** The inverse of `convert`: how a value is written in the environment. */
export function textOf(value: unknown, { separator = ',' }: Keywords): string {
  return Array.isArray(value) ? value.map(String).join(separator) : String(value)
}

function number(text: string, pattern: RegExp, reason: string): Converted {
  const value = Number(text)
  return pattern.test(text) && Number.isFinite(value) ? { ok: true, value } : { ok: false, reason }
}

function boolean(text: string): Converted {
  const value = booleans.get(text)
  return value === undefined ? { ok: false, reason: 'must be true or false' } : { ok: true, value }
}

function array(text: string, { separator = ',', items = {} }: Keywords): Converted {
  const parts = text.split(separator === ' ' ? /\s+/ : separator).map((part) => part.trim())
  const values: unknown[] = []
  for (const part of parts.filter((each) => each !== '')) {
    const converted = convert(part, items)
    if (!converted.ok) return { ok: false, reason: `each item ${converted.reason}` }
    values.push(converted.value)
  }
  return { ok: true, value: values }
}
