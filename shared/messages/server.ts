import { Type } from 'typebox'
import { PresenceEntry } from './agent.ts'
import { CallRecord } from './call.ts'
import { EventFrame } from './event.ts'
import { count, cursor, orNull, time, words } from './field.ts'

const { Optional } = Type

const Limits = Type.Object({
  message: count('Bytes of a message.'),
  rate: count('Messages a second.'),
  burst: count('Messages at once after a pause.'),
  subs: count('Channels.'),
})

const Denied = Type.Object({
  channel: Type.String(),
  code: Type.Enum(['unknown_channel', 'forbidden']),
})

const hubHead = cursor('Where the hub is; not where you are.')
const channels = Type.Array(Type.String(), { description: 'By name; `agent:me` is `agent:<id>`.' })

/** `data` of each frame without a number that the hub sends, by its `event`. */
export const controlFrames = {
  connected: Type.Object(
    {
      clientId: Type.String(),
      user: words('The `email` of the token, else its `sub`.'),
      proto: Optional(words('`switchhook.v1`')),
      app: Optional(words('UUID of the app.')),
      exp: Optional(Type.Integer({ description: 'When the credential ends, Unix seconds.' })),
      head: Optional(hubHead),
      hb: Optional(count('Seconds between two heads at most.')),
      limits: Optional(Limits),
      node: Optional(words('The process that answers.')),
      resume: Optional(Type.Literal(true)),
    },
    { description: 'The first frame. A legacy socket gets `clientId` and `user` only.' },
  ),
  pong: Type.Object(
    {
      timestamp: Type.Integer({ description: 'Unix milliseconds.' }),
      t: Optional(Type.Number({ description: 'What you sent.' })),
    },
    { description: 'The answer to `ping`.' },
  ),
  auth: Type.Object(
    {
      exp: orNull(Type.Integer({ description: 'Unix seconds; null: without an end.' })),
      scopes: Type.Array(Type.String(), { description: 'Channels you may subscribe to.' }),
    },
    { description: 'The answer to `auth`.' },
  ),
  head: Type.Object(
    {
      seq: count(),
      prev: Optional(count('The last event you were sent: who lacks it lost a frame.')),
      time: time(),
    },
    {
      description:
        'You have everything up to `seq`: within about a second after a burst, and with every heartbeat.',
    },
  ),
  subscribed: Type.Object(
    { channels, denied: Optional(Type.Array(Denied)), head: hubHead },
    { description: 'These channels were added, those were not, and why.' },
  ),
  unsubscribed: Type.Object(
    { channels, head: hubHead },
    { description: 'You no longer watch these channels.' },
  ),
  resumed: Type.Object(
    { from: count(), to: count(), count: count('Events that were sent.') },
    { description: 'The replay is over: you have everything up to `to`.' },
  ),
  resync: Type.Object(
    {
      reason: Type.Enum(['too_old', 'epoch', 'too_many', 'ahead', 'view_changed']),
      oldest: count('The oldest event there is.'),
      head: hubHead,
    },
    {
      description: 'Your position counts no more: forget it and your calls. A snapshot follows.',
    },
  ),
  gap: Type.Object(
    { from: count(), to: count(), reason: Type.Enum(['slow', 'log_lag']) },
    {
      description:
        'Events above `from` up to `to` were left out, for you read slowly. A snapshot follows.',
    },
  ),
  snapshot: Type.Object(
    {
      seq: count(),
      part: Type.Integer({ minimum: 1 }),
      last: Type.Boolean(),
      calls: Type.Array(CallRecord),
      agents: Type.Array(PresenceEntry, {
        description: 'Of those who watch the channel `presence`.',
      }),
    },
    {
      description:
        'The live calls after exactly the events up to `seq`, in parts of at most 64 KiB.',
    },
  ),
  presence: Type.Object(
    {
      set: Type.Record(Type.String(), PresenceEntry, { description: 'By the `sub` of the user.' }),
      del: Type.Array(Type.String()),
    },
    { description: 'What changed of whom; the answer to `presence` with `get`.' },
  ),
  claimed: Type.Object(
    {
      call: Type.String(),
      action: Type.String(),
      granted: Type.Boolean(),
      by: Optional(words('The `clientId` that has it.')),
    },
    { description: 'The answer to `claim`: whether it is yours.' },
  ),
  ack: Type.Unsafe<Record<string, never>>(
    Type.Object({}, { description: 'It is done: the answer to `presence` and `release`.' }),
  ),
  history: Type.Object(
    {
      events: Type.Array(EventFrame),
      next: orNull(count('`after` of the next page; null: there is none now.')),
    },
    {
      description:
        'A page of the past, with numbers of its own chain: it moves your position nowhere.',
    },
  ),
  'call-removed': Type.Object(
    { call: Type.String() },
    { description: 'You no longer see this call: it is somebody else’s now.' },
  ),
  'auth-expiring': Type.Object(
    {
      exp: Type.Integer({ description: 'Unix seconds.' }),
      inMs: count('Milliseconds until then.'),
    },
    { description: 'Your token ends soon: send a fresh one with `auth`.' },
  ),
  drain: Type.Object(
    {
      reason: Type.Enum(['deploy', 'rebalance']),
      deadlineMs: count('When you are closed with 1012, milliseconds from now.'),
      slotMs: count('Move at a random moment of this time.'),
    },
    { description: 'This process stops: move to another one.' },
  ),
  notice: Type.Object(
    {
      code: Type.Enum(['deprecated-origin', 'query-credential', 'provider-silent']),
      text: Type.String(),
    },
    { description: 'A word to people; nothing changes.' },
  ),
  error: Type.Object(
    {
      code: words('Of the table in docs/errors.md.'),
      message: Type.String(),
      fix: Optional(Type.String()),
      retryMs: Optional(count('Not before so many milliseconds.')),
    },
    { description: 'A message of yours was refused; the socket stays open.' },
  ),
}

export type ControlSchema = keyof typeof controlFrames

/** A whole frame without a number; `id` is that of the message it answers. */
export function controlFrame<Name extends ControlSchema>(name: Name) {
  const id = Type.Union([Type.String(), Type.Number()], {
    description: 'Of the message that it answers, if that had one.',
  })
  return Type.Object({
    event: Type.Literal(name),
    data: controlFrames[name],
    id: Optional(id),
  })
}
