import { Type } from 'typebox'
import type { ControlSchema } from './server.ts'

const text = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, description })

const Cursor = Type.String({
  pattern: '^[A-Za-z0-9]{1,32}:(0|[1-9][0-9]{0,14})$',
  description: '`<epoch>:<seq>`: the last event that the client has.',
})

const Channels = Type.Array(Type.String({ maxLength: 300 }), {
  minItems: 1,
  maxItems: 1_000,
  description:
    '`calls`, `agent:<id>`, `agent:me`, `agent:*`, `team:<id>`, `queue:<id>`, `call:<id>`, `presence`, `registrations`, `voicemail`, `ops`.',
})

const Claimed = {
  call: Type.String({ pattern: '^[^\\u0000-\\u001f]{1,512}$', description: 'The id of the call.' }),
  action: Type.String({
    pattern: '^[a-z0-9_-]{1,64}$',
    description: 'What only one may do, such as `screen-pop`.',
  }),
}

/** `data` of each message that a client may send, by its `type`. */
export const clientMessages = {
  ping: Type.Object(
    { t: Type.Optional(Type.Unknown({ description: 'A number comes back.' })) },
    { description: 'Are you there? At most two a second.' },
  ),
  auth: Type.Object(
    { token: text(16_384, 'A fresh token of the same user.') },
    { description: 'Who you are, in the first message; a fresh token, later.' },
  ),
  subscribe: Type.Object(
    {
      channels: Channels,
      cursor: Type.Optional(Cursor),
      snapshot: Type.Optional(
        Type.Union([Type.Literal('auto'), Type.Literal('always'), Type.Literal('never')], {
          description:
            'Whether the live calls come first; with `never`, every event comes even to who reads slowly.',
        }),
      ),
      events: Type.Optional(
        Type.Array(Type.String({ pattern: '^[a-z0-9-]{0,64}[*]?$' }), {
          maxItems: 20,
          description: 'Names of events, such as `call-*`; all of them unless given.',
        }),
      ),
    },
    { description: 'Watch these channels too, from a cursor or from the live calls on.' },
  ),
  unsubscribe: Type.Object(
    { channels: Channels },
    { description: 'Watch these channels no longer.' },
  ),
  resume: Type.Object({ cursor: Cursor }, { description: 'What came after this?' }),
  snapshot: Type.Object({}, { description: 'Which calls live now?' }),
  presence: Type.Union(
    [
      Type.Object({
        state: text(32, 'A word such as `available`.'),
        note: Type.Optional(Type.String({ maxLength: 256 })),
      }),
      Type.Object({
        get: Type.Array(Type.String({ maxLength: 300 }), {
          maxItems: 100,
          description: 'Users by their `sub`.',
        }),
      }),
    ],
    { description: 'This is how I am; or: how are these?' },
  ),
  claim: Type.Object(
    {
      ...Claimed,
      ttlMs: Type.Optional(
        Type.Integer({ minimum: 1, description: '30 s unless given, and at most.' }),
      ),
    },
    { description: 'Let only me do this, of all who see the call.' },
  ),
  release: Type.Object(Claimed, { description: 'Others may do it.' }),
  ack: Type.Object(
    { seq: Type.Integer({ minimum: 0 }) },
    { description: 'I have shown everything up to here.' },
  ),
  history: Type.Object(
    {
      after: Type.Integer({ minimum: 0, description: 'The number to continue after.' }),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
      call: Type.Optional(text(512, 'Of one call alone.')),
    },
    { description: 'What happened then?' },
  ),
}

/** The frames of which one answers a message that is accepted. */
export const clientAnswers = {
  ping: ['pong'],
  auth: ['auth'],
  subscribe: ['subscribed'],
  unsubscribe: ['unsubscribed'],
  resume: ['resumed', 'resync'],
  snapshot: ['snapshot'],
  presence: ['ack', 'presence'],
  claim: ['claimed'],
  release: ['ack'],
  ack: [],
  history: ['history'],
} as const satisfies Record<keyof typeof clientMessages, readonly ControlSchema[]>
