import { Type, type Static } from 'typebox'
import { providers } from '@switchhook/shared/providers'
import { plainText } from '../../text.ts'
import { OfApp } from '../apps/of-app.ts'

export const kinds = ['provider_user', 'phone_number', 'sip_user'] as const
export const Kind = Type.Enum(kinds, { description: 'What of a call names the user.' })
export const Provider = Type.Enum(
  providers.map(({ name }) => name),
  { description: 'Of a provider user: whose.' },
)

/** Rows of one request. */
export const maxRows = 10_000

const Sub = Type.String({
  minLength: 1,
  maxLength: 256,
  ...plainText,
  description: 'Our user: the `sub` of its tokens.',
})
const Team = Type.Union(
  [Type.String({ minLength: 1, maxLength: 128, ...plainText }), Type.Null()],
  { description: 'Its calls are shown to this team as well.' },
)
const Value = Type.String({
  minLength: 1,
  maxLength: 256,
  description:
    "The provider's id or e-mail address of the user; a number as +12025550131; a SIP user as 1001 or 1001@pbx.example.",
})

/** One mapping as it is given. */
export const Row = Type.Object(
  {
    kind: Kind,
    provider: Type.Optional(Type.Union([Provider, Type.Null()])),
    value: Value,
    sub: Sub,
    team: Type.Optional(Team),
  },
  {
    additionalProperties: false,
    examples: [{ kind: 'phone_number', value: '+12025550131', sub: 'anna@example.com' }],
  },
)

export type Row = Static<typeof Row>

/** Many of them: all are written, or none. */
export const Rows = Type.Object(
  { items: Type.Array(Row, { minItems: 1, maxItems: maxRows }) },
  { additionalProperties: false },
)

export type Rows = Static<typeof Rows>

/** Whose a value is from now on; without a team it has none. */
export const User = Type.Object(
  { sub: Sub, team: Type.Optional(Team) },
  { additionalProperties: false, examples: [{ sub: 'ben@example.com' }] },
)

export const Mapping = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    kind: Kind,
    provider: Type.Union([Type.String(), Type.Null()], {
      description: 'Of a provider user; otherwise null.',
    }),
    value: Type.String({ description: 'E-mail addresses and SIP hosts in lower case.' }),
    sub: Sub,
    team: Team,
    createdAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time', description: 'When it got its user.' }),
  },
  { title: 'UserMapping', description: 'What of a call is whose.' },
)

export const Counts = Type.Object({
  created: Type.Integer(),
  changed: Type.Integer({ description: 'Those that belong to another user or team now.' }),
  unchanged: Type.Integer(),
})

export const Unmapped = Type.Object(
  {
    kind: Type.Enum(['provider_user']),
    provider: Type.String(),
    value: Type.String({ description: 'What to map.' }),
    name: Type.Union([Type.String(), Type.Null()]),
    email: Type.Union([Type.String(), Type.Null()]),
    firstSeenAt: Type.String({ format: 'date-time' }),
    lastSeenAt: Type.String({
      format: 'date-time',
      description: 'When an event named it, to the hour.',
    }),
  },
  { title: 'UnmappedUser', description: 'Who takes calls at a provider, and is nobody here.' },
)

export const OfMapping = Type.Object({
  ...OfApp.properties,
  id: Type.String({ format: 'uuid', description: 'The mapping.' }),
})
