import { Type, type Static } from 'typebox'
import { plainText } from '../../text.ts'

/** Octets of `data` as JSON: with all that goes with it, an event is no larger than a frame may be. */
export const maxData = 57_344

export const Published = Type.Object(
  {
    type: Type.String({
      pattern: '^custom\\.[a-z0-9._-]{1,64}$',
      mistake: 'must be custom. and 1 to 64 of a-z, 0-9, dot, underscore and hyphen',
      description: '`custom.` and a name of yours; clients see it with hyphens for dots.',
    }),
    call: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 512,
        ...plainText,
        description:
          'The call it is about, by any of its ids: whoever sees the call sees the event. No call comes of it.',
      }),
    ),
    time: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'When it happened; now if not given, tomorrow at the latest.',
      }),
    ),
    data: Type.Record(Type.String(), Type.Unknown(), {
      description: `Whatever you say: an object of at most ${maxData} octets of JSON, 32 levels deep.`,
    }),
  },
  {
    additionalProperties: false,
    examples: [{ type: 'custom.note', data: { text: 'hello' } }],
  },
)
export type Published = Static<typeof Published>

export const Key = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[!-~]{1,255}$',
      description:
        'A text of your own: a request that is sent again with it publishes nothing anew.',
    }),
  ),
})
export type Key = Static<typeof Key>

export const Receipt = Type.Object(
  {
    id: Type.String({ description: 'As the frames have it.' }),
    seq: Type.Integer({ minimum: 1, description: 'Its number in the app.' }),
    cursor: Type.String({ description: 'Whoever goes on after it has seen it.' }),
  },
  { title: 'Receipt', description: 'The event is on disk and on its way.' },
)
export type Receipt = Static<typeof Receipt>
