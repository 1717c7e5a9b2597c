import { closeReason, closeCodes, subprotocol } from '@switchhook/shared/protocol'
import { CodedError } from '@switchhook/shared/errors'
import { RefusalBudget } from './session/refusals.ts'
import { Connection } from './transports/websocket.ts'
import { serve, type Door } from './session/serve.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Principal } from '@switchhook/plugins/auth'
import type { WebSocket } from 'ws'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who opens the socket, or why it is closed again at once. */
    admitted: Principal | CodedError | null
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
        return serve(door, { connection, principal: admitted!, ...helloOf(request, snapshot) })
      },
    )
  }
}

/** Origin first, then the credential; both before the handshake is answered. */
function admission(app: FastifyInstance, door: Door) {
  const budget = new RefusalBudget()
  return async (request: FastifyRequest): Promise<void> => {
    const refusal = app.originRefusal(request)
    const admitted = refusal ?? principalOrRefusal(app, request)
    if (admitted instanceof CodedError) {
      door.metrics.refused(admitted.code)
      // Curl and floods get the status; those who can only read a close frame get that.
      const readsStatus = refusal !== null && !isBrowser(request)
      if (readsStatus || !budget.take(request.ip, Date.now())) throw admitted
    }
    request.admitted = admitted
  }
}

function principalOrRefusal(app: FastifyInstance, request: FastifyRequest): Principal | CodedError {
  try {
    return app.authenticate(request)
  } catch (error) {
    if (error instanceof CodedError) return error
    throw error
  }
}

const isBrowser = ({ headers }: FastifyRequest): boolean =>
  headers['user-agent']?.startsWith('Mozilla/') ?? false

/** The reason a page can read: the code, and the origin the browser really sent. */
function explain(socket: WebSocket, { code }: CodedError, { headers }: FastifyRequest): void {
  const reason = code === 'origin_not_allowed' ? `${code} ${headers.origin}` : code
  socket.close(closeCodes.policy.code, closeReason(reason))
}

function helloOf(request: FastifyRequest, snapshot: boolean) {
  const { cursor } = request.query as { cursor?: unknown }
  return { cursor: typeof cursor === 'string' ? cursor : undefined, snapshot }
}
