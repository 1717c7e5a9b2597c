import { Type, type Static } from 'typebox'
import { appNamed } from '@switchhook/plugins/directory'
import { cursorOf, defaultLimit, Page, Paging, placeIn, Query } from '../../paging.ts'
import { OfApp } from './of-app.ts'
import { TimePlace } from './place.ts'
import type { FastifyInstance } from 'fastify'
import type { AuditRecord, AuditSlice } from '@switchhook/shared/audit'

const orNull = (description: string) => Type.Union([Type.String(), Type.Null()], { description })

const common = {
  id: Type.String({ format: 'uuid' }),
  at: Type.String({ format: 'date-time' }),
  action: Type.String({ description: 'What was done, e.g. `api-key.rotated`.' }),
  actor: Type.String({
    description: '`internal`: the bearer of the internal secret; `user:<id>`; `system`.',
  }),
  ip: orNull('Where it was asked from; null: nobody asked.'),
}
const KeyEntry = Type.Object({
  ...common,
  keyId: Type.String({ format: 'uuid', description: 'The key that was made or revoked.' }),
})
const Entry = Type.Object({
  ...common,
  target: orNull('What it was done to: an id, or a name.'),
  detail: Type.Object(
    {},
    { additionalProperties: true, description: 'What belongs to the action.' },
  ),
})

const Asked = Query(Paging)
type Shown = Omit<AuditRecord, 'app'>
type Asking = { Params: Static<typeof OfApp>; Querystring: Static<typeof Asked> }

/** What was done to an app: `/apps/:appId/audit` everything, `/apps/:appId/api-key/audit` to its keys. */
export function auditRoutes(scope: FastifyInstance, app: FastifyInstance): void {
  const asked = { params: OfApp, querystring: Asked }
  const ofApp = {
    summary: 'Audit of an app',
    description:
      'Who did what to the app, from where; the latest first. Nothing can be changed in it.',
    operationId: 'listAppAudit',
    tags: ['apps'],
    ...asked,
    response: { 200: Page(Entry) },
  }
  scope.get<Asking>('/apps/:appId/audit', { schema: ofApp }, ({ params, query }) =>
    pageOf(app, params.appId, query),
  )
  const ofKeys = {
    summary: "Audit of an app's API keys",
    description: 'Who made, replaced and revoked which key, from where; the latest first.',
    operationId: 'listApiKeyAudit',
    tags: ['api-keys'],
    ...asked,
    response: { 200: Page(KeyEntry) },
  }
  scope.get<Asking>('/apps/:appId/api-key/audit', { schema: ofKeys }, async ({ params, query }) => {
    const { items, next } = await pageOf(app, params.appId, { ...query, about: 'api-key' })
    return { items: items.map(keyEntryOf), next }
  })
}

function entryOf(record: AuditRecord): Shown {
  const { app: _, ...entry } = record
  return entry
}

function keyEntryOf({ id, at, action, actor, ip, target }: Shown): Static<typeof KeyEntry> {
  return { id, at, action, actor, ip, keyId: target! }
}

/** @throws CodedError `app_not_found`, or `invalid_parameter` for what is no cursor */
async function pageOf(
  app: FastifyInstance,
  appId: string,
  { limit = defaultLimit, cursor, about }: Static<typeof Asked> & Pick<AuditSlice, 'about'>,
): Promise<{ items: readonly Shown[]; next: string | null }> {
  const { id: ofApp } = await appNamed(app, appId)
  const place = placeIn(cursor, TimePlace)
  const after = place ? { at: place[0], id: place[1] } : undefined
  const found = await app.audit.list(ofApp, limit + 1, { after, ...(about && { about }) })
  const items = found.slice(0, limit).map(entryOf)
  const last = items.at(-1)
  const isLast = found.length <= limit || !last
  return { items, next: isLast ? null : cursorOf([last.at, last.id]) }
}
