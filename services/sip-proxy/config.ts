import { Type, type Static } from 'typebox'
import { collectorPattern } from './trace/collector.ts'

const integer = (env: string, value: number, description: string) =>
  Type.Integer({ env, default: value, minimum: 1, description })

export const Options = Type.Object({
  upstreamsFile: Type.Optional(
    Type.String({
      env: 'SIP_UPSTREAMS_FILE',
      description:
        'The PBXs that browsers may reach, as YAML or JSON; read again when it changes and at SIGHUP, sockets stay open.',
      example: '/etc/switchhook/upstreams.yaml',
    }),
  ),
  allowInsecureUpstream: Type.Boolean({
    env: 'ALLOW_INSECURE_UPSTREAM',
    default: false,
    description:
      'Allows `trust: insecure`: anybody on the way can then read and change every call. Refused with a database of your own.',
  }),
  useSipProxy: Type.Boolean({
    env: 'USE_SIP_PROXY',
    default: true,
    description: 'Whether `/api/config` names this proxy; `false`: the upstream itself.',
  }),
  busylightWsUrl: Type.Optional(
    Type.String({
      env: 'BUSYLIGHT_WS_URL',
      description: 'Handed to clients by `/api/config`.',
      example: 'ws://127.0.0.1:19774/ws',
    }),
  ),
  messageBytes: Type.Integer({
    env: 'SIP_MESSAGE_BYTES',
    default: 65_536,
    minimum: 1_024,
    maximum: 1_048_576,
    description: 'Largest SIP message in either direction, bytes.',
  }),
  messageRate: integer('SIP_MESSAGE_RATE', 50, 'SIP messages a browser may send per second.'),
  messageBurst: integer(
    'SIP_MESSAGE_BURST',
    100,
    'SIP messages it may send at once after a pause.',
  ),
  maxSockets: integer(
    'SIP_MAX_SOCKETS',
    5_000,
    'SIP sockets of this process; one more is refused.',
  ),
  admissionRate: integer(
    'SIP_ADMISSION_RATE',
    200,
    'New SIP sockets per second, so that a PBX survives when everybody comes back.',
  ),
  admissionBurst: integer('SIP_ADMISSION_BURST', 1_000, 'New SIP sockets at once after a pause.'),
  handshakesPerAddress: integer(
    'RATE_LIMIT_SIP_SOCKETS',
    6_000,
    'SIP handshakes per minute of an address: an office of 1,000 phones that share one comes back at once, and tries again while its PBX is away.',
  ),
  dialSeconds: integer(
    'SIP_DIAL_SECONDS',
    5,
    'How long one target may take for name, connection, TLS and handshake together, seconds.',
  ),
  heartbeatSeconds: integer(
    'SIP_HEARTBEAT_SECONDS',
    20,
    'Between two pings to each side of a connection, seconds.',
  ),
  idleSeconds: Type.Integer({
    env: 'SIP_IDLE_SECONDS',
    default: 45,
    minimum: 2,
    description:
      'A side without a sign of life for this long is gone, and the other is closed, seconds; more than two heartbeats.',
  }),
  drainSeconds: Type.Integer({
    env: 'SIP_DRAIN_SECONDS',
    default: 10,
    minimum: 0,
    maximum: 12,
    description:
      'When the process stops, its sockets are closed 1012, fifty a second, all within this time, seconds.',
  }),
  hepUrl: Type.Optional(
    Type.String({
      env: 'HEP_URL',
      pattern: collectorPattern,
      description:
        'Where traced SIP is shown besides: a collector such as Homer that takes HEP3 over UDP.',
      example: 'udp:homer.internal:9060',
    }),
  ),
})

export type Options = Static<typeof Options>
