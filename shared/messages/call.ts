import { Type } from 'typebox'
import { count, orNull, time, words } from './field.ts'

export const Phase = Type.Enum(['unknown', 'initiated', 'queued', 'ringing', 'answered', 'ended'], {
  description: 'A call only ever climbs, in this order.',
})

export const Direction = Type.Enum(['inbound', 'outbound'], {
  description: '`inbound` or `outbound`; null if it was not said.',
})

export const Agent = Type.Object(
  {
    id: orNull(Type.String()),
    email: orNull(Type.String()),
    name: orNull(Type.String()),
  },
  { title: 'Agent', description: 'Whose call it is, in the words of the provider.' },
)

export const ProviderIds = Type.Record(Type.String(), Type.String(), {
  description: "The provider's own ids, by the provider's field name.",
})

/** The times a call or a leg reached its phases. */
const times = {
  initiated_at: orNull(time()),
  ringing_at: orNull(time()),
  answered_at: orNull(time()),
  ended_at: orNull(time()),
}

export const LegRecord = Type.Object(
  { id: Type.String(), phase: Phase, ...times },
  { title: 'LegRecord' },
)

/** What `CallRecord` of shared/projections says, as a schema. */
export const CallRecord = Type.Object(
  {
    id: Type.String(),
    phase: Phase,
    held: Type.Boolean(),
    direction: orNull(Direction),
    from: orNull(words('E.164 with +, or the raw address; null if withheld.')),
    to: orNull(words('As `from`.')),
    provider: Type.String(),
    provider_ids: ProviderIds,
    agent: orNull(Agent),
    queue: orNull(words('The queue it was last said to be in.')),
    legs: Type.Array(LegRecord, { description: 'Sorted by id.' }),
    reason: orNull(words('Why it ended; null until then.')),
    ...times,
    last_event: Type.Object(
      { event: Type.String(), seq: count(), time: time() },
      { description: 'What happened last, which need not have come last.' },
    ),
  },
  { title: 'CallRecord', description: 'A call after every event that is known of it.' },
)
