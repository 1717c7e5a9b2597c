import type { FastifyInstance } from 'fastify'

/** `GET /apps`: whose webhooks and events there are, oldest first. */
export function appRoutes(scope: FastifyInstance, { directory }: FastifyInstance): void {
  scope.get('/apps', async () => ({ items: directory.apps, next: null }))
}
