import { Type } from 'typebox'

export const Params = Type.Object({
  appId: Type.String({ format: 'uuid', description: 'The app.' }),
})

const targets = [
  'callcenter',
  'callrouter',
  'channel',
  'coachinggroup',
  'coachingteam',
  'department',
  'office',
  'room',
  'staffgroup',
  'user',
]

const Target = Type.Object(
  {
    type: Type.Union(targets.map((target) => Type.Literal(target))),
    // A number would lose digits beyond 2^53.
    id: Type.String({ pattern: '^[1-9][0-9]{0,18}$', description: 'The number of it at Dialpad.' }),
  },
  { additionalProperties: false, description: 'Whose calls are told; without it those of all.' },
)

export const Body = Type.Object({ target: Type.Optional(Target) }, { additionalProperties: false })

const orNull = (description: string, options: { format?: 'date-time' } = {}) =>
  Type.Union([Type.String(options), Type.Null()], { description })
const time = { format: 'date-time' } as const

const Connection = Type.Object(
  {
    provider: Type.String(),
    status: Type.Enum(['connecting', 'connected', 'incomplete', 'expired']),
    reason: orNull('Why it is not connected.'),
    expiresAt: orNull('When the access ends that is renewed until then.', time),
    connectedAt: orNull('When somebody last consented.', time),
    webhookId: orNull('What was made at the provider.'),
    subscriptionId: orNull('What was made at the provider.'),
  },
  { title: 'Connection', description: "Access to a provider's account." },
)

const Link = Type.Object(
  {
    url: Type.String({ description: 'To be opened in the browser of whoever may consent; once.' }),
    expiresIn: Type.Integer({ description: 'Seconds.' }),
  },
  { description: 'A link. It is shown once.' },
)

const tags = ['connections']

export const listConnections = {
  tags,
  operationId: 'listConnections',
  summary: 'List the connections of an app',
  params: Params,
  response: {
    200: Type.Object(
      { items: Type.Array(Connection), next: Type.Null({ description: 'There is one page.' }) },
      { description: 'All of them, without secrets.' },
    ),
  },
}

export const createConnectionLink = {
  tags,
  operationId: 'createConnectionLink',
  summary: 'Connect to Dialpad',
  description:
    'Makes a link that asks somebody for consent; what follows is in docs/providers/dialpad-oauth.md.',
  params: Params,
  body: Body,
  response: { 201: Link },
}

export const deleteConnection = {
  tags,
  operationId: 'deleteConnection',
  summary: 'Disconnect from Dialpad',
  params: Params,
  response: { 204: Type.Null({ description: 'It is ended, there and here.' }) },
}
