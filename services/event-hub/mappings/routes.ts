import { Type, type Static } from 'typebox'
import { appNamed } from '@switchhook/plugins/directory'
import { byOf } from '@switchhook/plugins/internal'
import { canonicalValue, mostMappings, type Written } from '@switchhook/shared/mappings'
import { CodedError } from '@switchhook/shared/errors'
import { cursorOf, defaultLimit, Page, Paging, placeIn, Query } from '../../paging.ts'
import { plainText } from '../../text.ts'
import { OfApp } from '../apps/of-app.ts'
import { TimePlace } from '../apps/place.ts'
import { mappingOf, mappingsOf } from './given.ts'
import { Counts, Kind, Mapping, OfMapping, Provider, Row, Rows, User } from './schema.ts'
import { unmappedRoute } from './unmapped.ts'
import type { ProviderUsersSeen } from './provider-users.ts'
import type { FastifyInstance, FastifyRequest, FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'

const plain = (description: string) =>
  Type.Optional(Type.String({ maxLength: 256, ...plainText, description }))
const Filter = Query({
  kind: Type.Optional(Kind),
  provider: Type.Optional(Provider),
  user: plain('The `sub` of our user.'),
  value: plain('Exactly this value.'),
  ...Paging,
})

interface InApp {
  Params: Static<typeof OfApp>
}
interface One {
  Params: Static<typeof OfMapping>
}

/** So many rows with long names in them. */
const bodyLimit = 4 * 1_048_576
const path = '/apps/:appId/user-mappings'
const tags = ['user-mappings']

interface Parts {
  readonly app: FastifyInstance
  readonly users: ProviderUsersSeen
}

/** `GET|PUT|DELETE /apps/:appId/user-mappings[/:id|/unmapped]`: which calls are whose. */
export function userMappingRoutes(scope: FastifyInstance, { app, users }: Parts): void {
  readingRoutes(scope, app)
  unmappedRoute(scope, app, users)
  putRoute(scope, app)
  changingRoutes(scope, app)
}

function readingRoutes(scope: FastifyInstance, app: FastifyInstance): void {
  const listed = {
    summary: 'List user mappings',
    description: 'Which provider users, numbers and SIP users are whose, the newest first.',
    operationId: 'listUserMappings',
    tags,
    params: OfApp,
    querystring: Filter,
    response: { 200: Page(Mapping) },
  }
  scope.get<InApp & { Querystring: Static<typeof Filter> }>(
    path,
    { schema: listed },
    async ({ params, query }) => {
      const { id } = await appNamed(app, params.appId)
      const { limit = defaultLimit, user: sub, kind, provider } = query
      // One more tells whether there is another page.
      const filter = { kind, provider, sub, value: valueIn(query.value), limit: limit + 1 }
      const found = await app.mappings.list(id, { ...filter, after: afterOf(query.cursor) })
      const items = found.slice(0, limit)
      const last = found.length > limit ? items.at(-1)! : null
      return { items, next: last && cursorOf([last.createdAt, last.id]) }
    },
  )
  const one = {
    summary: 'Get a user mapping',
    description: 'What of a call is mapped to whom.',
    operationId: 'getUserMapping',
    tags,
    params: OfMapping,
    response: { 200: Mapping },
  }
  scope.get<One>(`${path}/:id`, { schema: one }, async ({ params }) => {
    const { id } = await appNamed(app, params.appId)
    const mapping = await app.mappings.get(id, params.id)
    if (!mapping) throw notFound(params.id)
    return mapping
  })
}

function putRoute(scope: FastifyInstance, app: FastifyInstance): void {
  const schema = {
    summary: 'Map users',
    description:
      'Maps one value, or with `items` up to 10,000 at once: all of them or none. A value that was mapped keeps its id and gets the new user. 100,000 of an app at most.',
    operationId: 'putUserMappings',
    'x-refused': ['Conflict'],
    tags,
    params: OfApp,
    body: Type.Union([Row, Rows]),
    response: { 200: Type.Union([Mapping, Counts]), 201: Mapping },
  }
  const options = { schema, bodyLimit, validatorCompiler: byForm(scope) }
  scope.put<InApp & { Body: Row | Rows }>(path, options, async (request, reply) => {
    const { body } = request
    const { id } = await appNamed(app, request.params.appId)
    const isMany = 'items' in body
    const given = isMany ? mappingsOf(body.items) : [mappingOf(body)]
    const written = await app.mappings.put(id, given)
    if (!written) throw new CodedError('too_many_mappings', { args: [mostMappings] })
    const { mappings, ...counts } = written
    const one = isMany ? null : mappings[0]!
    await app.audit.record(putEntry(request, { app: id, target: one?.id ?? null, counts }))
    if (!one) return counts
    return reply.code(counts.created > 0 ? 201 : 200).send(one)
  })
}

function changingRoutes(scope: FastifyInstance, app: FastifyInstance): void {
  const changed = {
    summary: 'Give a user mapping another user',
    description:
      'Replaces the user and the team; the value stays. Calls under way change screens at once.',
    operationId: 'changeUserMapping',
    tags,
    params: OfMapping,
    body: User,
    response: { 200: Mapping },
  }
  scope.put<One & { Body: Static<typeof User> }>(
    `${path}/:id`,
    { schema: changed },
    async (request) => {
      const { sub, team = null } = request.body
      const { id } = await appNamed(app, request.params.appId)
      const mapping = await app.mappings.change(id, request.params.id, { sub, team })
      if (!mapping) throw notFound(request.params.id)
      const counts = { created: 0, changed: 1, unchanged: 0 }
      await app.audit.record(putEntry(request, { app: id, target: mapping.id, counts }))
      return mapping
    },
  )
  const removed = {
    summary: 'Remove a user mapping',
    description: 'Its calls leave the screen of their user at once.',
    operationId: 'removeUserMapping',
    tags,
    params: OfMapping,
    response: { 204: Type.Null() },
  }
  scope.delete<One>(`${path}/:id`, { schema: removed }, async (request, reply) => {
    const { params } = request
    const { id } = await appNamed(app, params.appId)
    if (!(await app.mappings.remove(id, params.id))) throw notFound(params.id)
    const entry = { app: id, action: 'mapping.removed', ...byOf(request), target: params.id }
    await app.audit.record(entry)
    return reply.code(204).send()
  })
}

/** A body with `items` is checked row by row, so that mistakes name their row; any other one as a row. */
function byForm(scope: FastifyInstance): FastifySchemaCompiler<TSchema> {
  const compile = scope.validatorCompiler as FastifySchemaCompiler<TSchema>
  return (route) => {
    if (route.httpPart !== 'body') return compile(route)
    const one = compile({ ...route, schema: Row })
    const many = compile({ ...route, schema: Rows })
    return (body) => {
      const isMany = typeof body === 'object' && body !== null && 'items' in body
      return isMany ? many(body) : one(body)
    }
  }
}

/** What looks for a number in a query often forgets that + is a space there. */
function valueIn(text: string | undefined): string | undefined {
  return text === undefined ? undefined : canonicalValue(text.replace(/^ (?=\d)/, '+'))
}

/** @throws CodedError `invalid_parameter` */
function afterOf(cursor: string | undefined) {
  const place = placeIn(cursor, TimePlace)
  return place === null ? undefined : { createdAt: place[0], id: place[1] }
}

function notFound(id: string): CodedError {
  return new CodedError('mapping_not_found', { args: [id], parameter: 'id' })
}

interface Put {
  readonly app: string
  /** The mapping, if it was one. */
  readonly target: string | null
  readonly counts: Omit<Written, 'mappings'>
}

function putEntry(request: FastifyRequest, { app, target, counts }: Put) {
  return { app, action: 'mapping.put', ...byOf(request), target, detail: counts }
}
