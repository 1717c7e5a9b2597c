import type { TSchema } from 'typebox'
import type { TLocalizedValidationError } from 'typebox/error'

/** One thing that is wrong, in plain words. */
export interface Mistake {
  /** Names of the fields that lead there, with dots; empty: the whole. */
  readonly path: string
  readonly message: string
  /** It has to be a UUID and is none. */
  readonly uuid: boolean
}

/** Characters of a name that are repeated to whoever sent it. */
const maxName = 100

/**
 * What is wrong with a value, in the order of its schema; the compiler tells eight things at most. A schema with a
 * `pattern` says in `mistake` what people have to know of it: `must be …`.
 */
export function mistakesOf(
  schema: TSchema,
  errors: readonly TLocalizedValidationError[],
): Mistake[] {
  const mistaken = (error: TLocalizedValidationError): Mistake[] => mistakesIn(schema, error)
  const mistakes: Mistake[] = []
  let branches: Mistake[] = []
  for (const error of errors) {
    if (/\/anyOf\/\d+/.test(error.schemaPath)) branches.push(...mistaken(error))
    else if (error.keyword === 'anyOf') {
      mistakes.push(joined(pathOf(error), branches))
      branches = []
    } else mistakes.push(...mistaken(error))
  }
  // Cut off before its end.
  return branches.length > 0 ? [...mistakes, joined(branches[0]!.path, branches)] : mistakes
}

function mistakesIn(schema: TSchema, error: TLocalizedValidationError): Mistake[] {
  const path = pathOf(error)
  switch (error.keyword) {
    // What is in them was told already, each by itself.
    case 'additionalProperties':
    case 'anyOf':
      return []
    case 'boolean':
      return [{ path, message: `is not known here${knownBeside(schema, error)}`, uuid: false }]
    case 'required':
      return error.params.requiredProperties.map((name) => ({
        path: path === '' ? name : `${path}.${name}`,
        message: 'is required',
        uuid: false,
      }))
    default:
      return [{ path, message: wordsOf(schema, error), uuid: isUuid(error) }]
  }
}

/** All that a union would have taken. */
function joined(path: string, branches: readonly Mistake[]): Mistake {
  const words = [...new Set(branches.map((one) => wordsBelow(path, one)))]
  const short = words.every((one) => one.startsWith(mustBe))
  const message = short
    ? mustBe + listed(words.map((one) => one.slice(mustBe.length)))
    : words.join(' or ')
  return { path, message, uuid: branches.some(({ uuid }) => uuid) }
}

/** What is wrong further inside says where. */
function wordsBelow(path: string, { path: inner, message }: Mistake): string {
  return inner === path ? message : `${inner} ${message}`
}

const mustBe = 'must be '

/** `a or b`, `one of a, b, c`. */
function listed(values: readonly unknown[]): string {
  const words = values.map(String)
  return words.length < 3 ? words.join(' or ') : `one of ${words.join(', ')}`
}

function wordsOf(schema: TSchema, error: TLocalizedValidationError): string {
  switch (error.keyword) {
    case 'const':
      return mustBe + String(error.params.allowedValue)
    case 'enum':
      return mustBe + listed(error.params.allowedValues)
    case 'format':
      return formats[error.params.format] ?? error.message
    case 'pattern':
      return partOf(schema, error.schemaPath)?.mistake ?? error.message
    default:
      return error.message
  }
}

/** Names that there are in place of one that there is not; credentials go without saying. */
function knownBeside(schema: TSchema, { schemaPath }: TLocalizedValidationError): string {
  const { properties } = partOf(schema, schemaPath.replace(/\/additionalProperties$/, '')) ?? {}
  const names = Object.entries(properties ?? {}).flatMap(([name, { description }]) =>
    description === undefined ? [] : [name],
  )
  return names.length === 0 ? '' : `; there is ${names.join(', ')}`
}

interface Part {
  readonly mistake?: string
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>
}

/** The part of a schema that a JSON pointer (RFC 6901) leads to. */
function partOf(schema: TSchema, pointer: string): Part | undefined {
  const names = pointer.split('/').slice(1)
  return names.reduce<unknown>(
    (part, name) => (part as Record<string, unknown> | undefined)?.[nameOf(name)],
    schema,
  ) as Part | undefined
}

const nameOf = (name: string): string => name.replaceAll('~1', '/').replaceAll('~0', '~')

const formats: Readonly<Record<string, string>> = {
  uuid: 'must be a UUID',
  'date-time': 'must be a time such as 2026-01-31T12:00:00Z',
}

function isUuid(error: TLocalizedValidationError): boolean {
  return error.keyword === 'format' && error.params.format === 'uuid'
}

/** A JSON pointer (RFC 6901) as people write it: `/credentials/0` is `credentials.0`. */
function pathOf({ instancePath }: TLocalizedValidationError): string {
  const names = instancePath.split('/').slice(1)
  return names.map(nameOf).join('.').slice(0, maxName)
}
