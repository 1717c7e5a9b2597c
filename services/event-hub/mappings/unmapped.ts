import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { appNamed } from '@switchhook/plugins/directory'
import { cursorOf, defaultLimit, Page, Paging, placeIn, Query } from '../../paging.ts'
import { plainText } from '../../text.ts'
import { OfApp } from '../apps/of-app.ts'
import { Unmapped } from './schema.ts'
import type { FastifyInstance } from 'fastify'
import type { SeenFilter } from '@switchhook/shared/mappings'
import type { ProviderUsersSeen } from './provider-users.ts'

const Asked = Query(Paging)
const Text = Type.String({ ...plainText })
const Place = Compile(Type.Tuple([Text, Text, Text]))

interface Request {
  Params: Static<typeof OfApp>
  Querystring: Static<typeof Asked>
}

const schema = {
  summary: 'List unmapped provider users',
  description:
    'Whom providers named as agents and who is mapped to nobody: their calls are on no agent’s screen. Who was seen last comes first.',
  operationId: 'listUnmappedUsers',
  tags: ['user-mappings'],
  params: OfApp,
  querystring: Asked,
  response: { 200: Page(Unmapped) },
}

/** `GET /apps/:appId/user-mappings/unmapped`. */
export function unmappedRoute(
  scope: FastifyInstance,
  app: FastifyInstance,
  seen: ProviderUsersSeen,
): void {
  const path = '/apps/:appId/user-mappings/unmapped'
  scope.get<Request>(path, { schema }, async ({ params, query }) => {
    const { id } = await appNamed(app, params.appId)
    const { limit = defaultLimit, cursor } = query
    const found = await seen.unmapped(id, { limit: limit + 1, after: afterOf(cursor) })
    const items = found.slice(0, limit).map((user) => ({ kind: 'provider_user' as const, ...user }))
    const last = found.length > limit ? items.at(-1)! : null
    return { items, next: last && cursorOf([last.lastSeenAt, last.provider, last.value]) }
  })
}

/** @throws CodedError `invalid_parameter` */
function afterOf(cursor: string | undefined): SeenFilter['after'] {
  const place = placeIn(cursor, Place)
  return place === null ? undefined : { lastSeenAt: place[0], provider: place[1], value: place[2] }
}
