import fp from 'fastify-plugin'
import { Compile } from 'typebox/compile'
import { CodedError } from '@switchhook/shared/errors'
import { mistakesOf } from './mistakes.ts'
import type { FastifyInstance } from 'fastify'
import type { Static, TSchema } from 'typebox'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * In this scope bodies are JSON, and nothing else is read. A request without a body says nothing, which is what `{}`
     * says; whatever its content type.
     */
    acceptNoBody(): void
  }
}

/** How people call the parts of a request. */
const partNames: Readonly<Record<string, string>> = { querystring: 'query', params: 'path' }

/** Routes validate with TypeBox; every mistake leaves in one shape that names the parameter. */
async function validation(app: FastifyInstance): Promise<void> {
  app.decorate('acceptNoBody', function (this: FastifyInstance) {
    acceptNoBody(this)
  })
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => {
    const compiled = Compile(schema)
    const integers = httpPart === 'body' ? [] : integersOf(schema)
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

/** In an address everything is text; what is not written like an integer stays, to be refused by its name. */
function readIntegers(given: Record<string, unknown>, names: readonly string[]): void {
  for (const name of names) {
    const text = given[name]
    if (typeof text === 'string' && /^(0|-?[1-9]\d{0,14})$/.test(text)) given[name] = Number(text)
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
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, {})
    else void parse(request, body as string, done)
  })
  scope.addContentTypeParser('*', ({ headers }, _body, done) => {
    const empty = headers['transfer-encoding'] === undefined && !Number(headers['content-length'])
    if (empty) return done(null, {})
    const type = headers['content-type'] ?? 'none'
    done(new CodedError('unsupported_media_type', { args: [type.slice(0, maxGiven)] }))
  })
  scope.addHook('preValidation', async (request) => {
    const { method, body } = request
    // A body of `null` is one.
    if (method !== 'GET' && method !== 'DELETE' && body === undefined) request.body = {}
  })
}

type Errors = ReturnType<ReturnType<typeof Compile>['Errors']>

interface Place {
  readonly httpPart: string | undefined
  readonly value: unknown
}

/** What of an address is repeated in an answer. */
const maxGiven = 100

function mistaken(found: Errors, { httpPart = 'body', value }: Place): CodedError {
  const mistakes = mistakesOf(found)
  const uuid = httpPart === 'body' ? undefined : mistakes.find((one) => one.uuid)
  if (uuid) {
    const given = String((value as Record<string, unknown>)[uuid.path]).slice(0, maxGiven)
    return new CodedError('invalid_uuid', { args: [given], parameter: uuid.path })
  }
  const [{ path, message } = unnamed] = mistakes
  return new CodedError('invalid_parameter', {
    args: [`${path || partNames[httpPart] || httpPart}: ${message}`],
    ...(path !== '' && { parameter: path }),
    errors: mistakes.map((one) => ({ path: one.path, message: one.message })),
  })
}

/** Should the compiler refuse and not say why. */
const unnamed = { path: '', message: 'is not understood' }

export default fp(validation, { name: 'validation', fastify: '5.x' })
