import { appNamed } from '@switchhook/plugins/directory'
import { byOf } from '@switchhook/plugins/internal'
import { mostApps, type App } from '@switchhook/shared/directory'
import { CodedError } from '@switchhook/shared/errors'
import { cursorOf, defaultLimit, placeIn, type Page } from '../../paging.ts'
import type { OfApp } from './of-app.ts'
import { TimePlace } from './place.ts'
import { createApp, listApps, updateApp } from './schemas.ts'
import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import type { Answer, Asked, Changes, New } from './schemas.ts'

type Listing = { Querystring: Static<typeof Asked> }
type Creating = { Body: Static<typeof New> }
type Changing = { Params: Static<typeof OfApp>; Body: Static<typeof Changes> }

/** `/apps`: whose webhooks and events there are. */
export function appRoutes(scope: FastifyInstance, app: FastifyInstance): void {
  const { directory } = app
  scope.get<Listing>('/apps', { schema: listApps }, async ({ query }) =>
    pageOf(directory.apps, query),
  )
  scope.post<Creating>('/apps', { schema: createApp }, async (request, reply) => {
    const created = await directory.create(request.body.name.trim(), byOf(request))
    if (!created) throw new CodedError('too_many_apps', { args: [mostApps] })
    return reply.code(201).send(created)
  })
  scope.patch<Changing>('/apps/:appId', { schema: updateApp }, async (request) => {
    const { id } = await appNamed(app, request.params.appId)
    const { name, active } = request.body
    const changes = {
      ...(name !== undefined && { name: name.trim() }),
      ...(active !== undefined && { active }),
    }
    return directory.change(id, changes, byOf(request))
  })
}

/** @throws CodedError `invalid_parameter` for what is no cursor */
function pageOf(
  apps: readonly App[],
  { limit = defaultLimit, cursor }: Static<typeof Asked>,
): Page<typeof Answer> {
  const start = startOf(apps, placeIn(cursor, TimePlace)?.[0])
  const items = apps.slice(start, start + limit)
  const last = items.at(-1)
  const isLast = start + limit >= apps.length || !last
  return { items, next: isLast ? null : cursorOf([last.createdAt, last.id]) }
}

/** Apps are in order of their times, and no two have the same. */
function startOf(apps: readonly App[], after: string | undefined): number {
  if (after === undefined) return 0
  const start = apps.findIndex(({ createdAt }) => createdAt > after)
  return start < 0 ? apps.length : start
}
