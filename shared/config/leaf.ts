import type { TObject, TSchema } from 'typebox'

/** What a room writes on a leaf of its options, besides JSON Schema. */
export interface Keywords {
  readonly type?: string
  readonly items?: Keywords
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Keywords[]
  readonly default?: unknown
  readonly description?: string
  /** The variable it is read from. A leaf without one only ever has its default. */
  readonly env?: string
  /** Older or foreign names of the same variable. */
  readonly alias?: string | readonly string[]
  /** Never printed; may also be given as the path of a file in `NAME_FILE`. */
  readonly secret?: boolean
  /** Between the items of an array. */
  readonly separator?: string
  readonly example?: string
  /** Random bytes of a secret that is made up when nobody gave one. */
  readonly generated?: number
}

/** One value of a configuration: where it stands, and what it is read from. */
export interface Leaf {
  readonly path: readonly string[]
  readonly keywords: Keywords
  readonly schema: TSchema
  readonly required: boolean
}

/** Every leaf of nested options, in the order they were written. */
export function leavesOf(schema: TObject, above: readonly string[] = []): Leaf[] {
  return Object.entries(schema.properties).flatMap(([key, child]) => {
    const path = [...above, key]
    if (isObject(child)) return leavesOf(child, path)
    // Options without a single required leaf have no such list.
    const required = (schema.required as readonly string[] | undefined)?.includes(key) ?? false
    return [{ path, schema: child, keywords: child, required }]
  })
}

/** The names a leaf is read from, the proper one first. */
export function namesOf({ keywords: { env, alias = [] } }: Leaf): string[] {
  return env === undefined ? [] : [env, ...(typeof alias === 'string' ? [alias] : alias)]
}

/** The leaves with a variable, each variable once: two rooms may share one. */
export function variablesOf(schema: TObject): (Leaf & { name: string })[] {
  const byName = new Map<string, Leaf & { name: string }>()
  for (const leaf of leavesOf(schema)) {
    const name = leaf.keywords.env
    if (name !== undefined && !byName.has(name)) byName.set(name, { ...leaf, name })
  }
  return [...byName.values()]
}

/** The names of the variables that options are read from, older ones too. */
export function variableNames(schema: TObject): string[] {
  return leavesOf(schema).flatMap(namesOf)
}

function isObject(schema: TSchema): schema is TObject {
  return (schema as Keywords).type === 'object' && 'properties' in schema
}
