import { CodedError } from '@switchhook/shared/errors'
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
export function internalRoutes(scope: FastifyInstance, { dialpad, directory }: Parts): void {
  scope.get<OfApp>('/apps/:appId/connections', { schema: listConnections }, async ({ params }) => ({
    items: await dialpad.list(await known(params.appId)),
    next: null,
  }))

  scope.post<OfApp & { Body: Static<typeof Body> }>(
    '/apps/:appId/connections/dialpad',
    { schema: createConnectionLink },
    async ({ params, body, ip }, reply) => {
      const target = body.target ?? null
      const link = await dialpad.link(await known(params.appId), target, ip)
      return reply.code(201).header('cache-control', 'no-store').send(link)
    },
  )

  scope.delete<OfApp>(
    '/apps/:appId/connections/dialpad',
    { schema: deleteConnection },
    async ({ params, ip }, reply) => {
      await dialpad.remove(await known(params.appId), ip)
      return reply.code(204).send()
    },
  )

  /** @throws CodedError `app_not_found` */
  async function known(id: string): Promise<string> {
    if (!(await directory.find(id))) {
      throw new CodedError('app_not_found', { args: [id], parameter: 'appId' })
    }
    return id
  }
}
