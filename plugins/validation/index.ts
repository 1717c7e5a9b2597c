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
    const read = httpPart === 'body' ? null : readerOf(schema)
    return (value) => {
      read?.(value as Record<string, unknown>)
      if (compiled.Check(value)) return { value }
      return { error: mistaken(compiled.Errors(value), { schema, httpPart, value }) }
    }
  })
}

/** What texts are written like, by the type of what they stand for. */
const written: Readonly<Record<string, RegExp>> = {
  integer: /^(0|-?[1-9]\d{0,14})$/,
  boolean: /^(true|false)$/,
}

/** In an address everything is text; what is not written like what it should be stays, to be refused by its name. */
function readerOf(schema: TSchema): (given: Record<string, unknown>) => void {
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> }
  const forms = Object.entries(properties).flatMap(([name, { type = '' }]) =>
    written[type] ? [[name, written[type]] as const] : [],
  )
  return (given) => {
    for (const [name, form] of forms) {
      const text = given[name]
      if (typeof text === 'string' && form.test(text)) given[name] = JSON.parse(text)
    }
  }
}

/**
 * A value that a schema allows, for what only the handler knows the schema of.
 * @throws CodedError `invalid_parameter`, naming every mistake
 */
export function checked<Schema extends TSchema>(schema: Schema, value: unknown): Static<Schema> {
  const compiled = Compile(schema)
  if (compiled.Check(value)) return value
  throw mistaken(compiled.Errors(value), { schema, httpPart: 'body', value })
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
  readonly schema: TSchema
  readonly httpPart: string | undefined
  readonly value: unknown
}

/** What of an address is repeated in an answer. */
const maxGiven = 100

function mistaken(found: Errors, { schema, httpPart = 'body', value }: Place): CodedError {
  const mistakes = mistakesOf(schema, found)
  const uuid = httpPart === 'body' ? undefined : mistakes.find((one) => one.uuid)
  if (uuid) {
    const given = String((value as Record<string, unknown>)[uuid.path]).slice(0, maxGiven)
    return new CodedError('invalid_uuid', { args: [given], parameter: uuid.path })
  }
  const [{ path, message } = unnamed] = mistakes
  const hint = httpPart === 'querystring' && isUnescaped(value, path) ? plusHint : ''
  return new CodedError('invalid_parameter', {
    args: [`${path || partNames[httpPart] || httpPart}: ${message}${hint}`],
    ...(path !== '' && { parameter: path }),
    errors: mistakes.map((one) => ({ path: one.path, message: one.message })),
  })
}

const plusHint = '; in an address + is written %2B'

/** A time with an offset whose + became a space, as it does in an address. */
function isUnescaped(query: unknown, name: string): boolean {
  return /T\S+ \d\d:?\d\d$/.test(String((query as Record<string, unknown>)[name]))
}

/** Should the compiler refuse and not say why. */
const unnamed = { path: '', message: 'is not understood' }

export default fp(validation, { name: 'validation', fastify: '5.x' })
