import { Type, type Static } from 'typebox'

const integer = (env: string, value: number, description: string) =>
  Type.Integer({ env, default: value, minimum: 1, description })

export const Options = Type.Object({
  messageBytes: Type.Integer({
    env: 'WS_MESSAGE_BYTES',
    default: 16_384,
    minimum: 1,
    maximum: 65_536,
    description: 'Largest message a client may send, bytes.',
  }),
  heartbeatSeconds: integer(
    'WS_HEARTBEAT_SECONDS',
    20,
    'Between two pings, and at most between two heads, seconds.',
  ),
  idleSeconds: integer(
    'WS_IDLE_SECONDS',
    45,
    'A socket without a message or pong for this long is closed 4410, seconds.',
  ),
  backlogBytes: integer(
    'WS_BACKLOG_BYTES',
    1_048_576,
    'A client that lets more than this wait is closed 4408, bytes.',
  ),
  ringEvents: integer('WS_RING_EVENTS', 10_000, 'Events per app kept in memory for resume.'),
  ringBytes: integer('WS_RING_BYTES', 16_777_216, 'Bytes of those events at most.'),
  replayEvents: integer(
    'WS_REPLAY_EVENTS',
    10_000,
    'A client further behind gets `resync` and a snapshot instead of a replay.',
  ),
  snapshotCalls: integer('WS_SNAPSHOT_CALLS', 2_000, 'Live calls in a snapshot, newest ones.'),
})

export type Options = Static<typeof Options>
