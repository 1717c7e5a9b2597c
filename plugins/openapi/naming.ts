import { isDeepStrictEqual } from 'node:util'
import type { TSchema } from 'typebox'

/** Any JSON. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** Gathers the schemas that have a title: they stand once in the document, and references in their places. */
export interface Naming {
  /** The same, with references. */
  within(value: Json): Json
  /** All that have been found so far, and these. @throws Error if two have one title */
  schemas(besides: readonly TSchema[]): Record<string, Json>
}

/** What is shown is no schema, whatever it looks like. */
const shown = new Set(['const', 'default', 'enum', 'example', 'examples'])

/** Keywords that say something to us alone: where a setting comes from, what a mistake is called. */
const ours = new Set(['env', 'secret', 'separator', 'generated', 'mistake'])

export function naming(): Naming {
  const found = new Map<string, Json>()

  const named = (title: string, schema: { [name: string]: Json }): Json => {
    const known = found.get(title)
    // Before its parts: it may contain itself.
    if (known === undefined) found.set(title, {})
    const written = fields(schema)
    if (known !== undefined && !isDeepStrictEqual(known, written)) {
      throw new Error(`two schemas are called ${title}`)
    }
    found.set(title, written)
    return { $ref: `#/components/schemas/${title}` }
  }

  const fields = (value: { [name: string]: Json }): { [name: string]: Json } =>
    Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => !ours.has(name))
        .map(([name, item]) => [name, shown.has(name) ? item : partsOf(name, item)]),
    )

  /** A property may be called like a keyword of ours. */
  const partsOf = (name: string, item: Json): Json => {
    if (name !== 'properties' || typeof item !== 'object') return within(item)
    return Object.fromEntries(Object.entries(item ?? {}).map(([each, one]) => [each, within(one)]))
  }

  const within = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(within)
    if (typeof value !== 'object' || value === null) return value
    const { title } = value
    return typeof title === 'string' ? named(title, value) : fields(value)
  }

  return {
    within,
    schemas(besides) {
      for (const schema of besides) within(JSON.parse(JSON.stringify(schema)) as Json)
      return Object.fromEntries([...found].toSorted(([one], [two]) => (one < two ? -1 : 1)))
    },
  }
}
