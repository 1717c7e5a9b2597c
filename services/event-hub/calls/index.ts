import { openCalls, openVoicemails } from '@switchhook/shared/journal'
import { listRoute } from './list.ts'
import { oneRoutes } from './one.ts'
import { listOld } from './old.ts'
import type { FastifyInstance } from 'fastify'

/** `GET /api/calls`, `/api/calls/:id` and `/api/calls/:id/events`. */
export function callRoutes(scope: FastifyInstance, app: FastifyInstance): void {
  const { store, mappings, journal } = app
  const [calls, voicemails] = [openCalls(store), openVoicemails(store)]
  const parts = { calls, voicemails, mappings, epoch: journal.epoch }
  listOld(scope, parts)
  listRoute(scope, parts)
  oneRoutes(scope, parts)
}
