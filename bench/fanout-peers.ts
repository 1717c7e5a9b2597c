import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startServer, type Started } from './children.ts'
import { jwtSecret } from './peers/token.ts'
import type { DialectName } from './load/dialects.ts'
import type { Needing } from './needs.ts'
import type { Ready } from './peers/control.ts'

/** A server that sends events to its subscribers. */
export interface FanoutPeer extends Needing {
  readonly script: string
  readonly dialect: DialectName
}

/** Ours. */
export const hub: FanoutPeer = { name: 'Switchhook event-hub', script: 'hub', dialect: 'json' }
/** What all others are divided by. */
export const reference: FanoutPeer = { name: 'ws loop', script: 'ws-loop', dialect: 'json' }

const natsServer = '/usr/sbin/nats-server'

export const peers: readonly FanoutPeer[] = [
  hub,
  reference,
  { name: '@fastify/websocket loop', script: 'fastify-websocket', dialect: 'json' },
  { name: 'socket.io', script: 'socket-io', dialect: 'socket.io' },
  {
    name: 'nats-server',
    script: 'nats',
    dialect: 'nats',
    needs: { program: natsServer, package: 'nats-server' },
  },
]

/** Starts a peer with a directory of its own in `dir`. @param profile where V8 profiles of it go */
export function startPeer(
  { script }: FanoutPeer,
  dir: string,
  profile?: string,
): Promise<Started<Ready>> {
  const own = join(dir, script)
  mkdirSync(own, { recursive: true })
  return startServer(
    {
      script: join(import.meta.dirname, `peers/fanout/${script}.ts`),
      nodeFlags: [
        '--expose-gc',
        ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
      ],
      env: {
        JWT_SECRET: jwtSecret,
        DATA_DIR: own,
        INTERNAL_API_SECRET: 'an internal secret of the benchmarks only',
        SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
        NATS_SERVER: natsServer,
        // Thousands come at once here, and the next ones while the last are still being closed.
        WS_ADMISSION_RATE: '100000',
        WS_ADMISSION_BURST: '100000',
        MAX_SOCKETS_PER_APP: '100000',
        // Who left a visit is gone before the next one, not in the middle of it.
        WS_PRESENCE_GRACE_SECONDS: '0',
      },
    },
    (line) => (line.startsWith('{"pid"') ? (JSON.parse(line) as Ready) : undefined),
  )
}
