import { convert } from './convert.ts'
import { leavesOf, type Leaf } from './leaf.ts'
import { ConfigError, type Mistake } from './mistake.ts'
import { readLeaf } from './read.ts'
import { unknownNames } from './unknown.ts'
import { whatIsWrong } from './validate.ts'
import type { Environment } from './environment.ts'
import type { Static, TObject } from 'typebox'

export { dataDirOf, readEnvironment, type Environment } from './environment.ts'
export { ConfigError, type Mistake } from './mistake.ts'
export { fillSecrets, redacted } from './secret.ts'
export { configDocuments, environmentTable, exampleFile } from './docs.ts'
export { Listen, Tokens } from './options.ts'
export { followFile } from './follow.ts'
export { configReport } from './report.ts'
export { variableNames } from './leaf.ts'
export { nearest } from './spelling.ts'

/** What a configuration is loaded from and held against. */
export interface LoadOptions<Schema extends TObject> {
  environment: Environment
  /** Further names that others read, so that they are not taken for misspellings. */
  known?: readonly string[]
  /** What a schema cannot say: values that exclude or need each other. */
  check?: (config: Static<Schema>) => readonly Mistake[]
}

/** A value for the configuration, and whether a check may be run with it. */
interface Loaded {
  readonly value: unknown
  readonly usable: boolean
  readonly mistakes: readonly Mistake[]
}

/**
 * Reads, converts and validates every leaf of `schema`, and freezes the result.
 * @throws ConfigError with all mistakes at once
 */
export function loadConfig<Schema extends TObject>(
  schema: Schema,
  { environment, known, check }: LoadOptions<Schema>,
): Static<Schema> {
  const config: Record<string, unknown> = {}
  const mistakes = unknownNames(schema, { environment, known })
  let usable = true
  for (const leaf of leavesOf(schema)) {
    const loaded = loadLeaf(leaf, environment)
    mistakes.push(...loaded.mistakes)
    usable &&= loaded.usable
    put(config, leaf.path, loaded.value)
  }
  const typed = config as Static<Schema>
  if (usable && check) mistakes.push(...check(typed).filter(({ name }) => !named(mistakes, name)))
  if (mistakes.length > 0) throw new ConfigError(distinct(mistakes))
  return deepFreeze(typed)
}

/** For a bad leaf its default stands in, or an empty list, so that the cross-field check still finds the other mistakes. */
function loadLeaf(leaf: Leaf, environment: Environment): Loaded {
  const { value, usable, optional } = standIn(leaf)
  const { name, text, mistakes } = readLeaf(leaf, environment)
  if (mistakes.length > 0) return { value, usable, mistakes }
  if (text === undefined) {
    return { value, usable, mistakes: optional ? [] : [mistake(leaf, name, 'is required')] }
  }
  const converted = convert(text, leaf.keywords)
  const reason = converted.ok ? whatIsWrong(leaf, converted.value) : converted.reason
  if (converted.ok && reason === null) return { value: converted.value, usable: true, mistakes: [] }
  const shown = leaf.keywords.secret ? reason! : `${reason}, is ${shorten(text)}`
  return { value, usable, mistakes: [mistake(leaf, name, shown)] }
}

function standIn({ keywords, required }: Leaf) {
  const fallback = structuredClone(keywords.default)
  const optional = fallback !== undefined || !required
  const isList = keywords.separator !== undefined
  const value = optional || !isList ? fallback : []
  return { value, optional, usable: optional || isList }
}

function mistake({ keywords }: Leaf, name: string, reason: string): Mistake {
  // NAME_FILE holds a path: the example of the value would mislead.
  return name === keywords.env ? { name, reason, example: keywords.example } : { name, reason }
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

function named(mistakes: readonly Mistake[], name: string): boolean {
  return mistakes.some((each) => each.name === name)
}

/** Two rooms may share a variable; its mistake is told once. */
function distinct(mistakes: readonly Mistake[]): Mistake[] {
  return [...new Map(mistakes.map((each) => [`${each.name} ${each.reason}`, each])).values()]
}

function put(config: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key = '', ...below] = path
  if (below.length > 0) {
    const child = (config[key] ??= {}) as Record<string, unknown>
    put(child, below, value)
  } else if (value !== undefined) config[key] = value
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const child of Object.values(value)) deepFreeze(child)
  return Object.freeze(value)
}
