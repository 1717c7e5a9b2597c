import { windowMs } from '@switchhook/shared/limits'
import type { FastifyReply } from 'fastify'

/** Where somebody stands with a limit. */
export interface Standing {
  readonly name: string
  readonly limit: number
  readonly remaining: number
  /** Seconds until the count begins anew. */
  readonly reset: number
}

/**
 * Tells it twice: as many clients read it, and as draft-ietf-httpapi-ratelimit-headers has it (§3, §4), a list with an
 * item for each limit. Of several limits the first form tells the one that is nearest.
 */
export function tell(reply: FastifyReply, { name, limit, remaining, reset }: Standing): void {
  const told = reply.getHeader('ratelimit-remaining')
  if (told === undefined || Number(told) > remaining) {
    reply.headers({
      'ratelimit-limit': limit,
      'ratelimit-remaining': remaining,
      'ratelimit-reset': reset,
    })
  }
  append(reply, 'ratelimit-policy', `"${name}";q=${limit};w=${windowMs / 1_000}`)
  append(reply, 'ratelimit', `"${name}";r=${remaining};t=${reset}`)
}

function append(reply: FastifyReply, header: string, item: string): void {
  const items = reply.getHeader(header)
  reply.header(header, items === undefined ? item : `${String(items)}, ${item}`)
}
