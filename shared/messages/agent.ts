import { Type } from 'typebox'
import { count, orNull, time, words } from './field.ts'

/** What `PresenceEntry` of shared/protocol says, as a schema. */
export const PresenceEntry = Type.Object(
  {
    agent: words("The user's `sub`."),
    name: Type.String(),
    state: words('The word of the user; `offline` without a socket.'),
    note: orNull(Type.String()),
    sockets: count(),
    sip: orNull(Type.Enum(['registered', 'unregistered'])),
    provider: orNull(words('The word of the provider.')),
    reachable: Type.Boolean(),
    missing: Type.Array(Type.String(), {
      description: 'What keeps calls from the agent: `socket`, `sip`, `provider`.',
    }),
    since: time('Since when `state` holds.'),
    seen: orNull(count('The last event that the client of the agent confirmed with `ack`.')),
  },
  { title: 'PresenceEntry', description: 'How an agent is.' },
)
