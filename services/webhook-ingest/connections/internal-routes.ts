import { appNamed } from '@switchhook/plugins/directory'
import { byOf } from '@switchhook/plugins/internal'
import {
  createConnectionLink,
  deleteConnection,
  listConnections,
  type Body,
  type Params,
} from './schemas.ts'
import type { Static } from 'typebox'
import type { FastifyInstance } from 'fastify'
import type { Directory } from '@switchhook/shared/directory'
import type { DialpadConnections } from './connections.ts'

interface OfApp {
  Params: Static<typeof Params>
}

interface Parts {
  readonly dialpad: DialpadConnections
  readonly directory: Directory
}

/**
 * `/apps/:appId/connections`: what there is, a one-use link to make one, its end. The scope lets in only those who may
 * do that.
 */
export function internalRoutes(scope: FastifyInstance, parts: Parts): void {
  const { dialpad } = parts
  const known = async ({ appId }: OfApp['Params']) => (await appNamed(parts, appId)).id

  scope.get<OfApp>('/apps/:appId/connections', { schema: listConnections }, async ({ params }) => ({
    items: await dialpad.list(await known(params)),
    next: null,
  }))

  scope.post<OfApp & { Body: Static<typeof Body> }>(
    '/apps/:appId/connections/dialpad',
    { schema: createConnectionLink },
    async (request, reply) => {
      const target = request.body.target ?? null
      const link = await dialpad.link(await known(request.params), target, byOf(request))
      return reply.code(201).header('cache-control', 'no-store').send(link)
    },
  )

  scope.delete<OfApp>(
    '/apps/:appId/connections/dialpad',
    { schema: deleteConnection },
    async (request, reply) => {
      await dialpad.remove(await known(request.params), byOf(request))
      return reply.code(204).send()
    },
  )
}
