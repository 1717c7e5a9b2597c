import { CodedError } from '@switchhook/shared/errors'
import { goodbye, isPage, RefusalBudget } from '../../refusals.ts'
import { explain } from '../explain.ts'
import { gone } from './visitor.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Outcome, SipMetrics } from '../metrics.ts'

type Refuse = (error: Error, request: FastifyRequest, reply: FastifyReply) => Promise<void>

/**
 * Ends a handshake that failed, whatever it failed at: counted, logged, and said with the same code. Pages are taken in
 * and told by a close frame, as often as the budget allows; everybody else, and floods, get the status.
 */
export function refusing(metrics: SipMetrics): Refuse {
  const budget = new RefusalBudget()
  return async (error, request, reply) => {
    const coded = codedFrom(error)
    const outcome = error === gone ? 'gone' : coded.code
    metrics.handshake(outcome)
    tell(outcome, { error, request })
    if (error === gone) return hangUp(request, reply)
    if (!canReadReason(request) || !budget.take(request.ip, Date.now())) throw error
    const { socket } = request.server.upgradeOf(request)
    const { origin, 'sec-websocket-key': key } = request.headers
    request.server.takeUpgrade(request, reply)
    explain({ socket, key: key! }, goodbye(coded, origin))
  }
}

function codedFrom(error: Error): CodedError {
  return error instanceof CodedError ? error : new CodedError('internal', { cause: error })
}

/** Characters that are shown of a name nobody knows: too few for a credential that got there. */
const maxUnknown = 16

function tell(
  code: Outcome,
  { error, request }: { readonly error: Error; readonly request: FastifyRequest },
): void {
  const { handshake, headers, ip: address, log } = request
  const { upstream: asked } = request.params as { upstream: string }
  const { target } = handshake ?? {}
  const what = {
    code,
    upstream: handshake?.upstream ?? asked.slice(0, maxUnknown),
    ...(target && { target: target.host }),
    address,
    origin: headers.origin ?? null,
  }
  if (code === 'internal') log.error({ ...what, err: error }, 'handshake failed')
  else log.info(what, 'handshake refused')
}

function hangUp(request: FastifyRequest, reply: FastifyReply): void {
  request.server.takeUpgrade(request, reply)
  request.raw.socket.destroy()
}

/** A page can, once its handshake has been right. */
function canReadReason(request: FastifyRequest): boolean {
  return request.handshake !== null && isPage(request)
}
