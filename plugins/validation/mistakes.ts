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

/** What is wrong with a value, in the order of its schema; the compiler tells eight things at most. */
export function mistakesOf(errors: readonly TLocalizedValidationError[]): Mistake[] {
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

function mistaken(error: TLocalizedValidationError): Mistake[] {
  const path = pathOf(error)
  switch (error.keyword) {
    // What is in them was told already, each by itself.
    case 'additionalProperties':
    case 'anyOf':
      return []
    case 'boolean':
      return [{ path, message: 'is not known here', uuid: false }]
    case 'required':
      return error.params.requiredProperties.map((name) => ({
        path: path === '' ? name : `${path}.${name}`,
        message: 'is required',
        uuid: false,
      }))
    default:
      return [{ path, message: wordsOf(error), uuid: isUuid(error) }]
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

function wordsOf(error: TLocalizedValidationError): string {
  switch (error.keyword) {
    case 'const':
      return mustBe + String(error.params.allowedValue)
    case 'enum':
      return mustBe + listed(error.params.allowedValues)
    case 'format':
      return formats[error.params.format] ?? error.message
    default:
      return error.message
  }
}

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
  return names
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.')
    .slice(0, maxName)
}
