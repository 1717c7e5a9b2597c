import fp from 'fastify-plugin'
import { Compile } from 'typebox/compile'
import { CodedError } from '@switchhook/shared/errors'
import type { FastifyInstance } from 'fastify'
import type { Static, TSchema } from 'typebox'

declare module 'fastify' {
  interface FastifyInstance {
    /** In this scope a request without a body says nothing, which is what `{}` says; whatever its content type. */
    acceptNoBody(): void
  }
}

/** A path of typebox (`/appId`) without its slash. */
const nameOf = (path: string): string => path.slice(1).replaceAll('/', '.')

/** Routes validate with TypeBox; every mistake leaves in one shape that names the parameter. */
async function validation(app: FastifyInstance): Promise<void> {
  app.decorate('acceptNoBody', function (this: FastifyInstance) {
    acceptNoBody(this)
  })
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => {
    const compiled = Compile(schema)
    const integers = httpPart === 'querystring' ? integersOf(schema) : []
    return (value) => {
      readIntegers(value as Record<string, unknown>, integers)
      if (compiled.Check(value)) return { value }
      return { error: mistaken(compiled.Errors(value), { httpPart, value }) }
    }
  })
}

function integersOf(schema: TSchema): string[] {
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> }
  return Object.keys(properties).filter((name) => properties[name]!.type === 'integer')
}

/** In a query everything is text; what does not look like a number stays, to be refused by its name. */
function readIntegers(query: Record<string, unknown>, names: readonly string[]): void {
  for (const name of names) {
    const text = query[name]
    if (typeof text === 'string' && /^-?\d{1,15}$/.test(text)) query[name] = Number(text)
  }
}

/**
 * A value that a schema allows, for what only the handler knows the schema of.
 * @throws CodedError `invalid_parameter`, naming every mistake
 */
export function checked<Schema extends TSchema>(schema: Schema, value: unknown): Static<Schema> {
  const compiled = Compile(schema)
  if (compiled.Check(value)) return value
  throw mistaken(compiled.Errors(value), { httpPart: 'body', value })
}

function acceptNoBody(scope: FastifyInstance): void {
  const parse = scope.getDefaultJsonParser('error', 'error')
  scope.removeContentTypeParser('application/json')
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, {})
    else void parse(request, body as string, done)
  })
  scope.addHook('preValidation', async (request) => {
    if (request.method !== 'GET' && request.method !== 'DELETE') request.body ??= {}
  })
}

type Errors = ReturnType<ReturnType<typeof Compile>['Errors']>

interface Place {
  readonly httpPart: string | undefined
  readonly value: unknown
}

function mistaken(found: Errors, { httpPart, value }: Place): CodedError {
  const [first, ...others] = found
  const parameter = nameOf(first!.instancePath)
  if (httpPart === 'params' && first!.keyword === 'format') {
    const given = String((value as Record<string, unknown>)[parameter])
    return new CodedError('invalid_uuid', { args: [given], parameter })
  }
  const errors = [first!, ...others].map(({ instancePath, message }) => ({
    path: nameOf(instancePath),
    message,
  }))
  const args = [`${parameter || httpPart}: ${first!.message}`]
  return new CodedError('invalid_parameter', { args, parameter, errors })
}

export default fp(validation, { name: 'validation', fastify: '5.x' })
