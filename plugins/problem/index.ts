import fp from 'fastify-plugin'
import { STATUS_CODES } from 'node:http'
import { CodedError, type Code } from '@switchhook/shared/errors'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** An error as RFC 9457 problem+json. */
interface Problem {
  type: string
  title: string
  status: number
  code: string
  detail: string
  fix?: string
  parameter?: string
  errors?: CodedError['errors']
  requestId: string
  /** The operators' API had these two before it had problems. */
  error?: string
  message?: string
}

/** Every error of every route leaves as problem+json with a code of the one table. */
async function problem(app: FastifyInstance): Promise<void> {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const coded = codedFrom(error, request)
    // Whoever refuses knowingly has said so where it matters; here only the unforeseen is told.
    if (coded.code === 'internal')
      request.log.error({ err: coded.cause ?? coded }, 'request failed')
    return send(coded, request, reply)
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!
    return send(new CodedError('not_found', { args: [request.method, path] }), request, reply)
  })
}

/** Said without what the parser saw where: the body may be a secret. */
const notJson = new Set(['FST_ERR_CTP_INVALID_JSON_BODY', 'FST_ERR_CTP_EMPTY_JSON_BODY'])

/** Characters of a content type that are repeated to whoever sent it. */
const maxType = 100

function codedFrom(error: FastifyError, { headers }: FastifyRequest): CodedError {
  if (error instanceof CodedError) return error
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new CodedError('body_too_large')
  if (notJson.has(error.code)) return new CodedError('bad_json')
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    const type = (headers['content-type'] ?? 'none').slice(0, maxType)
    return new CodedError('unsupported_media_type', { args: [type] })
  }
  const status = error.statusCode ?? 500
  if (status >= 500) return new CodedError('internal', { cause: error })
  return new CodedError('bad_request', { args: [error.message] })
}

function send(error: CodedError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  // Whatever is left of the body is not read: the next request on this connection would begin in it.
  if (!request.raw.complete) reply.header('connection', 'close')
  if (error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter)
  return reply
    .code(error.statusCode)
    .type('application/problem+json')
    .send(JSON.stringify(problemOf(error, request.id)))
}

/** What an error says to a client. */
export function problemOf(error: CodedError, requestId: string): Problem {
  const { code, statusCode: status, message: detail, fix, parameter, errors } = error
  return {
    type: `urn:switchhook:error:${code satisfies Code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail,
    ...(fix !== undefined && { fix }),
    ...(parameter !== undefined && { parameter }),
    ...(errors !== undefined && { errors }),
    requestId,
    ...(code.startsWith('internal_auth') && { error: STATUS_CODES[status]!, message: detail }),
  }
}

export default fp(problem, { name: 'problem', fastify: '5.x' })
