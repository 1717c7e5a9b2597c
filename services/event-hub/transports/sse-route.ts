import { Type, type Static } from 'typebox'
import { CodedError } from '@switchhook/shared/errors'
import type { Bucket } from '../../bucket.ts'
import { nextClientId } from '../session/greeting.ts'
import { Session, type Hello } from '../session/index.ts'
import { notify } from '../session/notices.ts'
import { EventStream } from './sse.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Principal } from '@switchhook/plugins/auth'
import type { Door, Lease } from '../session/door.ts'

/** What the query says that is not a credential. */
export const Sub = Type.Union([Type.String(), Type.Array(Type.String(), { maxItems: 100 })], {
  description: 'Channels; may stand there several times.',
})

const Query = Type.Object({
  sub: Type.Optional(Sub),
  cursor: Type.Optional(
    Type.String({ description: 'Where to continue; `Last-Event-ID` goes before it.' }),
  ),
  snapshot: Type.Optional(
    Type.Union([Type.Literal('always'), Type.Literal('never')], {
      description: '`always`: the live calls first, unless there is a cursor.',
    }),
  ),
})

const schema = {
  tags: ['events'],
  operationId: 'streamEvents',
  summary: 'Hear events as they happen (SSE)',
  description:
    'The frames of the WebSocket as server-sent events, each with the id `<epoch>:<seq>`. Browsers use `EventSource` with a `?ticket=`.',
  security: ['token', 'apiKey', 'ticket', 'tokenInQuery', 'apiKeyInQuery'].map((name) => ({
    [name]: [],
  })),
  querystring: Query,
  response: {
    200: {
      description: 'A stream; it ends now and then, and is to be opened again.',
      content: { 'text/event-stream': { schema: Type.String() } },
    },
  },
}

type Asked = FastifyRequest<{ Querystring: Static<typeof Query> }>

/** `GET /events`: the frames of `/ws`, to those who can do no more than read. */
export function eventStreamRoute(app: FastifyInstance, door: Door): void {
  app.get<{ Querystring: Static<typeof Query> }>(
    '/events',
    { schema, exposeHeadRoute: false },
    async (request, reply) => {
      try {
        const principal = await admit(app, request, door.room)
        const lease = await door.hub.acquire(principal)
        await open({ door, lease, principal, request, reply })
      } catch (error) {
        if (error instanceof CodedError) door.metrics.refused(error.code)
        throw error
      }
      return reply
    },
  )
}

/** Room, origin, then the credential. @throws CodedError */
async function admit(
  app: FastifyInstance,
  request: FastifyRequest,
  room: Bucket,
): Promise<Principal> {
  // Those who are turned away come back at different moments.
  const retryAfter = 1 + Math.ceil(Math.random() * 10)
  if (room.take() > 0) throw new CodedError('overload', { args: [retryAfter], retryAfter })
  const refusal = app.originRefusal(request)
  if (refusal) throw refusal
  const principal = await app.authenticate(request)
  app.originUsed(request, principal.user)
  return principal
}

interface Opening {
  readonly door: Door
  readonly lease: Lease
  readonly principal: Principal
  readonly request: Asked
  readonly reply: FastifyReply
}

/** Serves one stream from its first byte to its end. */
async function open({ door, lease, principal, request, reply }: Opening): Promise<void> {
  const response: ServerResponse = reply.raw
  const headers = reply.getHeaders() as OutgoingHttpHeaders
  reply.hijack()
  if (response.destroyed) return lease.release()
  const { feed } = lease
  const stream = new EventStream({ response, headers, epoch: feed.epoch, limits: door.limits })
  const clientId = nextClientId(principal.user)
  const session = new Session({ door, connection: stream, principal, clientId, feed })
  door.metrics.opened()
  response.once('close', () => {
    door.metrics.closed(stream.closedWith ?? closedByPeer)
    door.hub.remove(session)
    session.end()
    lease.release()
  })
  door.hub.add(session)
  const started = session.start(helloOf(request))
  notify(session, request.server.originVerdict(request).deprecated)
  if (principal.credential === 'token') {
    const agent = { id: principal.sub, name: principal.user }
    session.onEnd(door.presence.enter(principal.app, agent))
  }
  await started.catch((error: unknown) => door.failed(stream, error))
}

/** As a WebSocket counts that ends without a word (RFC 6455 §7.1.5). */
const closedByPeer = 1006

/** A client that comes back says where it was; its address still says where it began. */
function helloOf({ query, headers }: Asked): Hello {
  const last = headers['last-event-id']
  const cursor = typeof last === 'string' && last !== '' ? last : query.cursor
  const { sub } = query
  return {
    cursor,
    snapshot: query.snapshot === 'always',
    asked: sub === undefined ? null : [sub].flat().filter((name) => name !== 'none'),
  }
}
