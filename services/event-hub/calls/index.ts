import { listRoute } from './list.ts'
import { oneRoutes } from './one.ts'
import { listOldCalls } from './old.ts'
import type { FastifyInstance } from 'fastify'
import type { Calls } from '@switchhook/shared/journal'

/** `GET /api/calls`, `/api/calls/:id` and `/api/calls/:id/events`. */
export function callRoutes(scope: FastifyInstance, calls: Calls): void {
  const { mappings, journal } = scope
  const parts = { calls, mappings, epoch: journal.epoch }
  listOldCalls(scope, calls)
  listRoute(scope, parts)
  oneRoutes(scope, parts)
}
