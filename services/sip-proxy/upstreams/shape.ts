import { nearest } from '@switchhook/shared/config'
import { Errors } from 'typebox/schema'
import { shown, type Fault, type Place } from './source.ts'
import type { TSchema } from 'typebox'

/** What a schema says, as far as anybody looks into it here. */
interface Described {
  readonly type?: string
  readonly properties?: Readonly<Record<string, TSchema>>
  readonly required?: readonly string[]
  readonly items?: TSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly enum?: readonly string[]
  /** Its pattern in words. */
  readonly mistake?: string
  readonly examples?: readonly unknown[]
}

/** What is left of a value without what is not as its schema says; that is undefined, also within a list. */
export interface Shaped {
  readonly value: unknown
  readonly faults: readonly Fault[]
}

/** Names of the contract that this version does nothing for yet: better not to start than to ignore them. */
const notYet = new Set(['shadow'])

/** Characters of a name that are looked at, and how many of them may be wrong. */
const maxName = 60
const farthest = 5

/** Holds a value against its schema. Unlike a compiled one it tells every fault, and goes on behind each. */
export function shape(schema: TSchema, value: unknown, place: Place = []): Shaped {
  const described = schema as Described
  if (described.properties) return shapeObject(described, value, place)
  if (described.items) return shapeList(described, value, place)
  const reason = whatIsWrong(schema, value)
  if (reason === null) return { value, faults: [] }
  return wrong(described, place, `${reason}, is ${shown(value)}`)
}

function wrong({ examples: [example] = [] }: Described, place: Place, reason: string): Shaped {
  const written = typeof example === 'string' ? example : JSON.stringify(example)
  return { value: undefined, faults: [{ place, reason, example: written }] }
}

function shapeObject(described: Described, value: unknown, place: Place): Shaped {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return wrong(described, place, `must be an object, is ${shown(value)}`)
  }
  const { properties = {}, required = [] } = described
  const faults: Fault[] = []
  const kept: Record<string, unknown> = {}
  for (const name of required.filter((each) => !Object.hasOwn(value, each))) {
    faults.push(...wrong(properties[name] as Described, [...place, name], 'is missing').faults)
  }
  for (const [name, each] of Object.entries(value)) {
    const inner = [...place, name]
    if (!Object.hasOwn(properties, name)) {
      faults.push({ place: inner, reason: unknownName(name, properties) })
      continue
    }
    const shaped = shape(properties[name]!, each, inner)
    faults.push(...shaped.faults)
    kept[name] = shaped.value
  }
  return { value: kept, faults }
}

function unknownName(name: string, properties: object): string {
  if (notYet.has(name)) return 'is not supported by this version: remove it'
  const known = Object.keys(properties)
  const meant = nearest(name.slice(0, maxName), known, farthest)
  return `is not known; ${meant === null ? `there is ${known.join(', ')}` : `did you mean ${meant}?`}`
}

function shapeList(described: Described, value: unknown, place: Place): Shaped {
  const { items = {}, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = described
  if (!Array.isArray(value)) return wrong(described, place, `must be a list, is ${shown(value)}`)
  if (value.length < minItems) return wrong(described, place, 'must not be empty')
  if (value.length > maxItems) {
    return wrong({}, place, `must have at most ${maxItems} items, has ${value.length}`)
  }
  const shaped = value.map((item, index) => shape(items, item, [...place, index]))
  return { value: shaped.map((each) => each.value), faults: shaped.flatMap((each) => each.faults) }
}

function whatIsWrong(schema: TSchema, value: unknown): string | null {
  const [valid, errors] = Errors(schema, value)
  if (valid) return null
  const { enum: choices, mistake } = schema as Described
  if (choices) return `must be one of ${choices.join(', ')}`
  const reasons = errors.map(({ keyword, message }) =>
    keyword === 'pattern' && mistake !== undefined ? mistake : message,
  )
  return [...new Set(reasons)].join(', ')
}
