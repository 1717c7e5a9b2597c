import { closeCodes, closeReason, type CloseName } from '@switchhook/shared/protocol'
import type { FastifyRequest } from 'fastify'
import type { CodedError } from '@switchhook/shared/errors'

/** How often an address may have a refusal explained by accept-and-close, per minute. */
const explainedPerMinute = 10
const maxAddresses = 10_000
const minuteMs = 60_000

/**
 * Page code cannot read a refused handshake, so a browser's is accepted and closed with the reason. That costs a
 * socket for a moment: each address gets a budget of it, and a flood from too many addresses gets none.
 */
export class RefusalBudget {
  #since = 0
  readonly #used = new Map<string, number>()

  /** Whether this refusal may be explained. */
  take(address: string, nowMs: number): boolean {
    // A clock that is set back ends the minute too.
    if (Math.abs(nowMs - this.#since) >= minuteMs) {
      this.#used.clear()
      this.#since = nowMs
    }
    const used = this.#used.get(address) ?? 0
    if (used >= explainedPerMinute || (used === 0 && this.#used.size >= maxAddresses)) return false
    this.#used.set(address, used + 1)
    return true
  }
}

/** Whether page code asks, which is told by a close frame alone; programs read the status. */
export function isPage({ headers }: FastifyRequest): boolean {
  return headers['user-agent']?.startsWith('Mozilla/') ?? false
}

/** How a page is told why it is not connected: a close code, and a reason that begins with the code of the error. */
export function goodbye(
  error: CodedError,
  origin: string | undefined,
): { code: number; reason: string } {
  const { code, message, retryAfter } = error
  const name = closeNameOf(error)
  const facts: Readonly<Record<string, string>> = {
    restart: `restart ${(retryAfter ?? 1) * 1_000}`,
    overload: `${code} ${(retryAfter ?? 1) * 1_000}`,
    internal: `${code} ${message}`,
    policy: code === 'origin_not_allowed' ? `${code} ${origin}` : code,
  }
  return { code: closeCodes[name].code, reason: closeReason(facts[name]!) }
}

function closeNameOf({ code, statusCode }: CodedError): CloseName {
  if (code === 'shutting_down') return 'restart'
  if (statusCode === 429 || statusCode === 503) return 'overload'
  return statusCode >= 500 ? 'internal' : 'policy'
}
