import { Type, type TSchema } from 'typebox'
import { readableFromAnywhere } from '@switchhook/plugins/cors'
import { CodedError } from '@switchhook/shared/errors'
import { pageOrigin } from './page-origin.ts'
import { TextOrNull } from './text.ts'
import type { Allowed } from '@switchhook/plugins/origin-check'
import type { FastifyInstance, FastifyRequest } from 'fastify'

const answer = {
  ok: Type.Boolean({ description: 'Whether it would be accepted.' }),
  code: Type.String({ description: '`ok`, or the code of the refusal.' }),
  message: Type.String({ description: 'The same in words.' }),
  fix: TextOrNull('What helps; null if nothing is wrong.'),
  origin: TextOrNull('Of the page that asks; null if no page does.'),
}

/** What a handshake would get. */
interface Verdict {
  readonly ok: boolean
  readonly code: string
  readonly message: string
  readonly fix: string | null
}

interface Answer extends Verdict {
  readonly origin: string | null
}

/** The page that asks. */
export interface Page {
  /** Undefined if no page asks. */
  readonly origin: string | undefined
  /** The entry that lets it connect; null if none has to. */
  readonly allowed: Allowed | null
}

export interface CheckOptions {
  /** Of an address; a client asks once after a refusal. */
  readonly limit: { readonly name: string; readonly perMinute: number }
  readonly url: string
  /** What the operation is called, and may be asked. */
  readonly schema: {
    readonly tags: string[]
    readonly operationId: string
    readonly summary: string
    readonly description: string
    readonly querystring?: TSchema
  }
  /** An answer as documents show it. */
  readonly example: Answer
  /** What comes behind origin and limit, in the order of a handshake. @returns the good news; @throws what it fails with */
  assertAccepted(request: FastifyRequest, page: Page): Promise<string>
}

/**
 * A route that tells what a handshake from here with these credentials would get. Always 200 and readable from
 * everywhere: it tells a page why it is refused, which a refused handshake cannot.
 */
export async function checkRoute(app: FastifyInstance, options: CheckOptions): Promise<void> {
  const { url, example, schema } = options
  const limit = app.limits.of(options.limit.name, options.limit.perMinute)
  const described = {
    security: [{}, { token: [] }, { apiKey: [] }, { tokenInQuery: [] }, { apiKeyInQuery: [] }],
    response: {
      200: Type.Object(answer, {
        description: 'What a connection would get.',
        examples: [example],
      }),
    },
    ...schema,
  }
  await app.register(async (scope) => {
    readableFromAnywhere(scope)
    scope.get(url, { schema: described }, async (request, reply): Promise<Answer> => {
      reply.header('cache-control', 'no-store')
      const origin = pageOrigin(request)
      const tooMany = await limit.countAddress(request, reply)
      if (tooMany) reply.header('retry-after', tooMany.retryAfter)
      const verdict = await verdictOf(request, { origin, tooMany, options })
      return { ...verdict, origin: origin ?? null }
    })
  })
}

interface Asked {
  readonly origin: string | undefined
  readonly tooMany: CodedError | null
  readonly options: CheckOptions
}

/**
 * Origin first, as a handshake is asked. Beyond the limit only the origin is: a whole office on a new domain has one
 * address, and no token can be guessed that way.
 */
async function verdictOf(
  request: FastifyRequest,
  { origin, tooMany, options }: Asked,
): Promise<Verdict> {
  try {
    const judgement = origin === undefined ? null : request.server.origins.judge(origin)
    if (judgement && !judgement.passes) {
      const { code, message } = new CodedError('origin_not_allowed', { args: [origin!] })
      return { ok: false, code, message, fix: judgement.fix }
    }
    if (tooMany) throw tooMany
    const page = { origin, allowed: judgement?.entry ?? null }
    const message = await options.assertAccepted(request, page)
    return { ok: true, code: 'ok', message, fix: null }
  } catch (error) {
    return refusalIn(error, request)
  }
}

function refusalIn(error: unknown, { log }: FastifyRequest): Verdict {
  if (!(error instanceof CodedError)) log.error({ err: error }, 'check failed')
  const coded = error instanceof CodedError ? error : new CodedError('internal', { cause: error })
  return { ok: false, code: coded.code, message: coded.message, fix: coded.fix ?? null }
}
