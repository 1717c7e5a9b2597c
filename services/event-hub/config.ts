import { Type, type Static } from 'typebox'

const integer = (env: string, value: number, description: string) =>
  Type.Integer({ env, default: value, minimum: 1, description })

const natural = (env: string, value: number, description: string) =>
  Type.Integer({ env, default: value, minimum: 0, description })

export const Options = Type.Object({
  messageBytes: Type.Integer({
    env: 'WS_MESSAGE_BYTES',
    default: 16_384,
    minimum: 1,
    maximum: 65_536,
    description: 'Largest message a client may send, bytes.',
  }),
  messageRate: integer('WS_MESSAGE_RATE', 20, 'Messages a client may send per second.'),
  messageBurst: integer('WS_MESSAGE_BURST', 40, 'Messages it may send at once after a pause.'),
  subscriptions: integer('WS_SUBSCRIPTIONS', 100, 'Channels a client may subscribe to.'),
  authSeconds: integer(
    'WS_AUTH_SECONDS',
    5,
    'A socket that came without a credential must send `auth` within this time, seconds.',
  ),
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
  slowBytes: integer(
    'WS_SLOW_BYTES',
    262_144,
    'A client that lets this much wait gets `gap` and a snapshot when it reads again, bytes.',
  ),
  backlogBytes: integer(
    'WS_BACKLOG_BYTES',
    1_048_576,
    'A client that lets more than this wait is closed 4408, bytes.',
  ),
  stallSeconds: integer(
    'WS_STALL_SECONDS',
    15,
    'A client that something waits for and that takes nothing for this long is closed 4408, seconds.',
  ),
  socketsPerUser: integer(
    'MAX_SOCKETS_PER_USER',
    10,
    'Sockets a user may hold in this process; API keys are exempt.',
  ),
  socketsPerApp: integer('MAX_SOCKETS_PER_APP', 5_000, 'Sockets an app may hold in this process.'),
  admissionRate: integer('WS_ADMISSION_RATE', 500, 'New sockets this process takes per second.'),
  admissionBurst: integer('WS_ADMISSION_BURST', 1_000, 'New sockets it takes at once.'),
  ringEvents: integer('WS_RING_EVENTS', 10_000, 'Events per app kept in memory for resume.'),
  ringBytes: integer('WS_RING_BYTES', 16_777_216, 'Bytes of those events at most.'),
  ringSeconds: integer('WS_RING_SECONDS', 900, 'Age of those events at most, seconds.'),
  replayEvents: integer(
    'WS_REPLAY_EVENTS',
    10_000,
    'A client further behind gets `resync` and a snapshot instead of a replay.',
  ),
  snapshotCalls: integer('WS_SNAPSHOT_CALLS', 2_000, 'Live calls in a snapshot, newest ones.'),
  drainSeconds: natural(
    'WS_DRAIN_SECONDS',
    15,
    'How long clients may take to move to another process when this one stops, seconds; with the embedded store there is no other one, and they are told to come back at once.',
  ),
  drainSlotSeconds: natural(
    'WS_DRAIN_SLOT_SECONDS',
    5,
    'They move at random moments of this time, seconds.',
  ),
  rotationSeconds: integer(
    'SSE_ROTATION_SECONDS',
    600,
    'An event stream ends after about this long, give or take a fifth, and its client comes back, seconds.',
  ),
  presenceGraceSeconds: natural(
    'WS_PRESENCE_GRACE_SECONDS',
    15,
    'An agent whose last socket closed still counts as there for this long, seconds.',
  ),
  coalesceMs: natural(
    'COALESCE_MS',
    0,
    'Extra time between two writes of a view, ms; 0 writes at the end of every turn of the event loop.',
  ),
})

export type Options = Static<typeof Options>
