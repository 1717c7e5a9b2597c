import { appNamed } from '@switchhook/plugins/directory'
import { byOf } from '@switchhook/plugins/internal'
import { endOf } from '@switchhook/shared/access'
import { CodedError } from '@switchhook/shared/errors'
import { getApiKeyStatus, revokeApiKey, rotateApiKey } from './api-key-schemas.ts'
import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import type { ApiKey, NewApiKey } from '@switchhook/shared/access'
import type { OfApp } from '../apps/of-app.ts'
import type { Made, New, OfKey } from './api-key-schemas.ts'

type Asking = { Params: Static<typeof OfApp> }
type Making = Asking & { Body: Static<typeof New> }
type Revoking = { Params: Static<typeof OfKey> }

/** `/apps/:appId/api-key`: what programs of an app show in place of a token. */
export function apiKeyRoutes(scope: FastifyInstance, app: FastifyInstance): void {
  const path = '/apps/:appId/api-key'
  const { keys } = app.access
  scope.post<Making>(path, { schema: rotateApiKey }, async (request, reply) => {
    const { id } = await appNamed(app, request.params.appId)
    const { graceSeconds = 0, expiresAt } = request.body
    const options = { graceSeconds, expiresAt: aheadOf(expiresAt), by: byOf(request) }
    const made = await keys.rotate(id, options)
    return reply.code(201).header('cache-control', 'no-store').send(madeOf(made, graceSeconds))
  })
  scope.get<Asking>(`${path}/status`, { schema: getApiKeyStatus }, async ({ params }) => {
    const { id, active } = await appNamed(app, params.appId)
    const listed = await keys.list(id)
    return {
      active: active && listed.some(isLive),
      keys: listed.map(shownOf),
    }
  })
  scope.delete<Revoking>(`${path}/:keyId`, { schema: revokeApiKey }, async (request, reply) => {
    const { appId, keyId } = request.params
    const { id } = await appNamed(app, appId)
    const revoked = await keys.revoke(id, keyId, byOf(request))
    if (!revoked) throw new CodedError('api_key_not_found', { args: [keyId], parameter: 'keyId' })
    return reply.code(204).send()
  })
}

/** As the store has it: another process may have made the key a moment ago. */
function isLive(key: ApiKey): boolean {
  return key.revokedAt === null && endOf(key) > Date.now()
}

function shownOf(key: ApiKey): Omit<ApiKey, 'app'> {
  const { app: _, ...shown } = key
  return shown
}

function madeOf({ key, record, graceUntil }: NewApiKey, graceSeconds: number): Static<typeof Made> {
  const { id, prefix, createdAt, expiresAt } = record
  // What ended with the request has no time left.
  const until = graceSeconds === 0 ? null : graceUntil
  return { id, key, prefix, createdAt, expiresAt, graceUntil: until }
}

/** Times beyond have five digits in their years, and no place in the order of texts. */
const endOfTime = Date.UTC(10_000, 0)

/** @throws CodedError `invalid_parameter` unless it lies ahead */
function aheadOf(expiresAt: string | null | undefined): string | null {
  if (expiresAt === undefined || expiresAt === null) return null
  // A leap second is a time (RFC 3339 §5.6), but none that JavaScript knows.
  const ms = Date.parse(expiresAt)
  if (ms > Date.now() && ms < endOfTime) return expiresAt
  const args = ['expiresAt: must be in the future']
  throw new CodedError('invalid_parameter', { args, parameter: 'expiresAt' })
}
