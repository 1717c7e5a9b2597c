import { Type, type Static } from 'typebox'
import { CodedError } from '@switchhook/shared/errors'
import { principalOf } from '../../rest.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'

const Body = Type.Object(
  {
    for: Type.Optional(
      Type.Literal('sse', { description: 'For an EventSource, which connects again and again.' }),
    ),
  },
  { additionalProperties: false },
)

const Answer = Type.Object(
  {
    ticket: Type.String({ description: 'Goes into `?ticket=`, from the same origin.' }),
    expiresIn: Type.Integer({ description: 'Milliseconds.' }),
  },
  { description: 'A ticket. It is shown once.' },
)

const schema = {
  tags: ['sockets'],
  operationId: 'createTicket',
  summary: 'Get a ticket for a socket',
  description:
    'What a page puts into a URL in place of its token: worth one connection from its origin within 30 s; for an event stream as many as it takes until the token ends.',
  body: Body,
  response: { 201: Answer },
}

/** A page connects at once with what it asked for. */
const onceMs = 30_000
/** However long the token lives. */
const manyMs = 86_400_000
/** Of one user; a page that connects again and again waits longer than that in between. */
const perMinute = 120

/**
 * `POST /api/ws/ticket`: what a page puts into the URL in place of its token, worth one connection from its origin
 * within 30 s; for SSE as many as it takes until the token ends.
 */
export async function ticketRoutes(app: FastifyInstance): Promise<void> {
  const limit = app.limits.of('tickets', perMinute)
  await app.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      const { app: id, sub } = principalOf(request)
      const refusal = await limit.count(request, reply, `${id} ${sub}`)
      if (refusal) throw refusal
    })
    scope.post<{ Body: Static<typeof Body> }>(
      '/api/ws/ticket',
      { schema },
      async (request, reply) => {
        const answer = await issue(app, request, request.body.for === 'sse')
        return reply.code(201).header('cache-control', 'no-store').send(answer)
      },
    )
  })
}

async function issue(
  app: FastifyInstance,
  { holder, headers }: FastifyRequest,
  many: boolean,
): Promise<Static<typeof Answer>> {
  const { app: id, sub, exp } = holder!
  const now = Date.now()
  const ends = exp === null ? Infinity : exp * 1_000
  const expiresAtMs = Math.min(ends, now + (many ? manyMs : onceMs))
  const request = {
    kind: many ? ('many' as const) : ('once' as const),
    app: id,
    sub,
    origin: headers.origin ?? null,
    expiresAtMs,
    holder: { ...holder!, inQuery: false },
  }
  const ticket = await app.access.tickets.issue(request, now).catch((cause: unknown) => {
    throw new CodedError('unavailable', { args: ['The store', 5], retryAfter: 5, cause })
  })
  return { ticket, expiresIn: expiresAtMs - now }
}
