import { Type } from 'typebox'
import { eventName, eventTypes } from '../events/index.ts'
import { Agent, Direction, Phase, ProviderIds } from './call.ts'
import { count, orNull, time, words } from './field.ts'

const EventCall = Type.Object(
  {
    id: words("The provider's id of the call."),
    provider: Type.String(),
    provider_ids: ProviderIds,
    merged: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Calls that turned out to be this one; their records are no more.',
      }),
    ),
  },
  { description: 'The call by its ids; null for an event of none.' },
)

const State = Type.Object(
  { phase: Phase, held: Type.Boolean(), reason: orNull(Type.String()) },
  {
    description:
      'The call after this event: `phase`, whether it is `held`, and once it has ended the `reason`; null for an event of none.',
  },
)

/** What `EventData` of shared/events says, as a schema. */
export const EventData = Type.Object(
  {
    call: orNull(EventCall),
    leg_id: orNull(words("The provider's id of the leg; null where there are no legs.")),
    direction: orNull(Direction),
    from: orNull(words('E.164 with +, or the raw address; null if withheld.')),
    to: orNull(words('As `from`.')),
    agent: orNull(Agent),
    state: orNull(State),
    details: Type.Record(Type.String(), Type.Unknown(), {
      description: 'What is special to this kind of event.',
    }),
    raw_type: words("The provider's own name of the event."),
    raw_ref: words('The delivery it came with.'),
    voicemail: Type.Optional(words('The id of the voicemail that it tells of.')),
    truncated: Type.Optional(
      Type.Literal(true, { description: 'The details were too large for a frame.' }),
    ),
    purged: Type.Optional(
      Type.Literal(true, { description: "Somebody's number was removed on demand." }),
    ),
  },
  { title: 'EventData', description: 'What is known of it, below.' },
)

const mark = (description: string) => Type.Optional(Type.Literal(true, { description }))

/** What `EventFrame` of shared/events says, as a schema. */
export const EventFrame = Type.Object(
  {
    event: Type.String({
      anyOf: [{ enum: eventTypes.map(eventName) }, { pattern: '^custom-[a-z0-9_-]{1,64}$' }],
      description: 'What happened. There will be more names: ignore those you do not know.',
    }),
    seq: Type.Integer({
      minimum: 1,
      description: 'Its number: 1, 2, 3 … without a hole in each app.',
    }),
    prev: count('The number of the event before it that you may see.'),
    id: words('The same for every copy, today and in a year.'),
    time: time("When it happened, by the provider's clock."),
    call: orNull(words("The provider's id of the call; null if it is of none.")),
    late: mark('The call was known to be further already; `data.state` is right all the same.'),
    replay: mark('It comes from history.'),
    stale: mark('It rang too long ago to ring now.'),
    data: EventData,
  },
  { title: 'EventFrame', description: 'A numbered event.' },
)
