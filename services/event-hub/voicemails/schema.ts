import { Type, type Static } from 'typebox'
import { Agent } from '@switchhook/shared/messages'
import { Paging, Query } from '../../paging.ts'
import { plainText } from '../../text.ts'

const orNull = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])
const moment = (description: string) => Type.String({ format: 'date-time', description })
const words = (description: string) => Type.String({ description })
const name = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, ...plainText, description })

export const OfVoicemail = Type.Object({
  id: Type.String({ format: 'uuid', description: 'The id of the voicemail.' }),
})

export const Filter = Query({
  heard: Type.Optional(
    Type.Boolean({ description: 'Those that were heard, or those that were not.' }),
  ),
  number: Type.Optional(
    name(
      256,
      'A number or address of either side: E.164 with or without +, or a SIP address or its user.',
    ),
  ),
  agent: Type.Optional(
    name(256, "An agent's id or e-mail address as the provider has it, or the `sub` of a user."),
  ),
  from: Type.Optional(moment('Received then or later.')),
  to: Type.Optional(moment('Received before then.')),
  call: Type.Optional(name(512, 'Left in this call, by any id of it.')),
  ...Paging,
})
export type Filter = Static<typeof Filter>

export const Heard = Type.Object(
  { heard: Type.Boolean({ description: 'Whether somebody has heard it.' }) },
  { additionalProperties: false },
)
export type Heard = Static<typeof Heard>

const Recording = Type.Object(
  {
    url: orNull(words('Where it can be heard; null: the link has expired.')),
    expires_at: orNull(moment('When the link ends; null if it does not say.')),
  },
  { description: 'The link of the provider.' },
)

export const Voicemail = Type.Object(
  {
    id: Type.String({ format: 'uuid', description: 'The same for ever.' }),
    call: orNull(words('The id of the call it was left in.')),
    linked: Type.Boolean({
      description:
        'The provider did not tell the call: it is the only missed call of the same numbers within ten minutes, as far as is known.',
    }),
    from: orNull(words('E.164 with +, or the raw address; null if withheld.')),
    to: orNull(words('As `from`.')),
    provider: Type.String(),
    agent: orNull(Agent),
    received_at: moment('When it was left.'),
    duration_ms: orNull(Type.Integer({ minimum: 0, description: 'Milliseconds.' })),
    recording: orNull(Recording),
    transcript: orNull(words('What was said, when somebody has written it down.')),
    heard: Type.Boolean(),
    heard_at: orNull(moment('When it was marked as heard.')),
    heard_by: orNull(words('Who did: the `sub` of the user, or `key:` and the id of the API key.')),
  },
  { title: 'Voicemail', description: 'A voicemail after everything that is known of it.' },
)
export type Voicemail = Static<typeof Voicemail>
