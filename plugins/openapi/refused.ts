import { limitReferences } from './rate-limits.ts'
import { refusedAs } from './problems.ts'

interface Answer {
  readonly description: string
  readonly headers?: object
}

interface Body {
  readonly required?: boolean
  readonly content: Readonly<Record<string, { readonly schema: { required?: readonly string[] } }>>
}

/** An operation as it is collected, as far as anybody looks into it here. */
export interface Operation {
  readonly operationId?: string
  readonly parameters?: readonly { readonly in: string }[]
  readonly requestBody?: Body
  /** The body of a request that only its handler can check. */
  readonly 'x-request-body'?: Body
  /** Names of refusals that its handler alone knows of: `Conflict`, `Gone`. */
  readonly 'x-refused'?: readonly string[]
  readonly responses: Readonly<Record<string, Answer>>
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
}

/** An operation with its body, and what it may be refused with besides what its route says itself. */
export function completed(
  { 'x-request-body': unchecked, 'x-refused': besides = [], ...operation }: Operation,
  path: string,
): Operation {
  const body = unchecked ?? operation.requestBody
  const whole = { ...operation, ...(body && { requestBody: bodyOf(body) }) }
  const answers = Object.entries(operation.responses).map(([status, answer]) => {
    const said = { ...answer, description: inWords(answer.description) }
    return [status, isLimited(operation) && status.startsWith('2') ? limited(said) : said]
  })
  const refusals = Object.fromEntries([...refusalsOf(whole, path), ...besides].map(refusedAs))
  return { ...whole, responses: { ...refusals, ...Object.fromEntries(answers) } }
}

/** Without a body a request says `{}`: where that is enough, none is needed. */
function bodyOf(body: Body): Body {
  const schemas = Object.values(body.content).map(({ schema }) => schema)
  const isEnough = schemas.every((schema) => 'properties' in schema && !schema.required?.length)
  return isEnough ? { ...body, required: false } : body
}

/** What stands there for a route that says nothing about its answer. */
const inWords = (description: string): string =>
  description === 'Default Response' ? 'It is done.' : description

const isLimited = ({ security = [] }: Operation): boolean => security.length > 0

const limited = (answer: Answer): Answer => ({
  ...answer,
  headers: { ...limitReferences, ...answer.headers },
})

function refusalsOf(operation: Operation, path: string): string[] {
  const { parameters = [], requestBody } = operation
  return [
    ...(parameters.length > 0 || requestBody ? ['BadRequest'] : []),
    ...ofCredentials(operation, path),
    ...(parameters.some((parameter) => parameter.in === 'path') ? ['NotFound'] : []),
    ...(requestBody ? ['TooLarge'] : []),
    ...(isLimited(operation) ? ['TooMany', 'Unavailable'] : []),
  ]
}

function ofCredentials({ security = [] }: Operation, path: string): string[] {
  if (path.startsWith('/webhooks/')) return ['Unproven', 'TooMany', 'Unavailable']
  // Whoever may come without one is told what is wrong in the answer itself.
  if (security.every((scheme) => Object.keys(scheme).length === 0)) return []
  return path.startsWith('/internal/')
    ? ['OperatorUnauthorized', 'OperatorForbidden']
    : ['Unauthorized', 'Forbidden']
}
