import { Type } from 'typebox'
import { OfApp } from '../apps/of-app.ts'

const maxGraceSeconds = 7 * 86_400

const id = Type.String({ format: 'uuid', description: 'Of the key; it opens nothing.' })
const time = (description: string) => Type.String({ format: 'date-time', description })
const orNull = (description: string) =>
  Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description })

const known = {
  id,
  prefix: Type.String({ description: 'The first characters of the key, to tell keys apart.' }),
  createdAt: time('When it was made.'),
  expiresAt: orNull('When it ends; null: never.'),
}

/** What a new key is asked for with. */
export const New = Type.Object(
  {
    graceSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: maxGraceSeconds,
        default: 0,
        description: 'For so long the keys of before are accepted yet; 0: they end now.',
      }),
    ),
    expiresAt: Type.Optional(orNull('When the new key ends, in the future; without it, never.')),
  },
  { additionalProperties: false, examples: [{ graceSeconds: 86_400 }] },
)

/** A key that was just made. */
export const Made = Type.Object(
  {
    ...known,
    key: Type.String({ description: 'The key itself. It is shown this once and stored nowhere.' }),
    graceUntil: orNull('Until when the keys of before are accepted; null: none is any more.'),
  },
  { description: 'The new key.' },
)

const Status = Type.Object(
  {
    active: Type.Boolean({ description: 'Whether a key of the app is accepted now.' }),
    keys: Type.Array(
      Type.Object({
        ...known,
        lastUsedAt: orNull('To the minute; null: never.'),
        revokedAt: orNull('When it was revoked; null: it was not.'),
        graceUntil: orNull('A newer key replaced it; it is accepted until then.'),
      }),
      { description: 'The latest first, 100 at most.' },
    ),
  },
  { description: 'The keys, without their text.' },
)

export const OfKey = Type.Object({ ...OfApp.properties, keyId: id })

const tags = ['api-keys']

export const rotateApiKey = {
  tags,
  operationId: 'rotateApiKey',
  summary: 'Create or rotate the API key',
  description: 'A new key in place of those there are. Its text is shown in this answer only.',
  params: OfApp,
  body: New,
  response: { 201: Made },
}

export const getApiKeyStatus = {
  tags,
  operationId: 'getApiKeyStatus',
  summary: 'List the API keys of an app',
  description: 'Those it has and had, and whether one is accepted.',
  params: OfApp,
  response: { 200: Status },
}

export const revokeApiKey = {
  tags,
  operationId: 'revokeApiKey',
  summary: 'Revoke an API key',
  description: 'It is refused and its sockets close within five seconds; again is no mistake.',
  params: OfKey,
  response: { 204: Type.Null({ description: 'It is revoked.' }) },
}
