import { offeredProtocols, subprotocol } from '@switchhook/shared/protocol'
import { CodedError } from '@switchhook/shared/errors'
import type { Bucket } from '../bucket.ts'
import { goodbye, isPage, RefusalBudget } from '../refusals.ts'
import { Connection } from './transports/websocket.ts'
import { serve } from './session/serve.ts'
import type { Door } from './session/door.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Principal } from '@switchhook/plugins/auth'
import type { Hello } from './session/index.ts'
import type { WebSocket } from 'ws'

/** Who opens a socket, or what is to be said to it. */
type Admitted = Principal | CodedError | null

declare module 'fastify' {
  interface FastifyRequest {
    /** Null before it is known, and for a client that will say who it is in its first message. */
    admitted: Admitted
  }
}

/** `GET /ws`, and `GET /ws/call`, which begins with the live calls (seed 002). */
export function routes(app: FastifyInstance, door: Door): void {
  const admit = admission(app, door)
  app.decorateRequest('admitted', null)
  for (const { url, snapshot } of [
    { url: '/ws', snapshot: false },
    { url: '/ws/call', snapshot: true },
  ]) {
    app.get(
      url,
      { websocket: true, preValidation: admit, config: { subprotocols: [subprotocol] } },
      (socket: WebSocket, request: FastifyRequest) => {
        const { admitted } = request
        if (admitted instanceof CodedError) return explain(socket, admitted, request)
        const connection = new Connection(socket, request.raw.socket, door.limits)
        const { deprecated } = app.originVerdict(request)
        if (admitted) app.originUsed(request, admitted.user)
        return serve(door, {
          connection,
          principal: admitted,
          deprecated,
          ...helloOf(request, snapshot),
        })
      },
    )
  }
}

/** Room, origin, then the credential; all before the handshake is answered. */
function admission(app: FastifyInstance, door: Door) {
  const budget = new RefusalBudget()
  return async (request: FastifyRequest): Promise<void> => {
    const refusal = overload(door.room) ?? app.originRefusal(request)
    const admitted = refusal ?? (await principalOrRefusal(app, request))
    if (admitted instanceof CodedError) {
      if (saysItLater(admitted, request)) return
      door.metrics.refused(admitted.code)
      // Curl and floods get the status; those who can only read a close frame get that.
      const readsStatus = refusal !== null && !isPage(request)
      if (readsStatus || !budget.take(request.ip, Date.now())) throw admitted
    }
    request.admitted = admitted
  }
}

/** Those who are turned away come back at different moments. */
function overload(room: Bucket): CodedError | null {
  if (room.take() === 0) return null
  const retryAfter = 1 + Math.ceil(Math.random() * 10)
  return new CodedError('overload', { args: [retryAfter], retryAfter })
}

/** A modern client may bring its credential in the first message. */
function saysItLater({ code }: CodedError, { headers }: FastifyRequest): boolean {
  const offered = offeredProtocols(headers['sec-websocket-protocol'])
  return code === 'auth_missing' && offered.includes(subprotocol)
}

async function principalOrRefusal(
  app: FastifyInstance,
  request: FastifyRequest,
): Promise<Principal | CodedError> {
  try {
    return await app.authenticate(request)
  } catch (error) {
    if (error instanceof CodedError) return error
    throw error
  }
}

/** The reason a page can read. */
function explain(socket: WebSocket, error: CodedError, { headers }: FastifyRequest): void {
  const { code, reason } = goodbye(error, headers.origin)
  socket.close(code, reason)
}

/** `?cursor=&sub=calls&sub=presence`: what saves a round trip. */
function helloOf(request: FastifyRequest, snapshot: boolean): Hello {
  const { cursor, sub } = request.query as { cursor?: unknown; sub?: unknown }
  const names = (Array.isArray(sub) ? sub : [sub]).filter((name) => typeof name === 'string')
  return {
    cursor: typeof cursor === 'string' ? cursor : undefined,
    snapshot,
    asked: names.length === 0 ? null : names.filter((name) => name !== 'none'),
  }
}
