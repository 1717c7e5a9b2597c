import type { By } from '@switchhook/shared/audit'
import type { FastifyRequest } from 'fastify'

/** Whom the audit names for a request to `/internal`. */
export function byOf({ ip }: FastifyRequest): By {
  return { actor: 'internal', ip }
}
