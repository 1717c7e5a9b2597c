import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startServer, type Started } from './children.ts'
import type { Needing } from './needs.ts'
import type { Ready } from './peers/control.ts'

/** Something between a browser and a PBX. */
export interface RelayPeer extends Needing {
  start(options: StartOptions): Promise<Started<Ready>>
}

interface StartOptions {
  /** Of its own. */
  readonly dir: string
  /** Where the echo is that it relays to, `ws://…`. */
  readonly upstream: string
  /** Where V8 profiles of it go. */
  readonly profile?: string | undefined
}

const folder = join(import.meta.dirname, 'peers/relay')
const nginx = '/usr/sbin/nginx'

/** Ours. */
export const proxy: RelayPeer = { name: 'Switchhook sip-proxy', start: startProxy }
/** What all others are divided by. */
export const reference: RelayPeer = { name: 'ws to ws', start: script('ws') }
/** The echo itself: what is left of a latency without any relay. */
export const direct = 'no proxy'

export const peers: readonly RelayPeer[] = [
  proxy,
  reference,
  { name: '@fastify/http-proxy', start: script('http-proxy') },
  { name: 'nginx', start: script('nginx'), needs: { program: nginx, package: 'nginx-light' } },
]

const announced = (line: string): Ready | undefined =>
  line.startsWith('{"pid"') ? (JSON.parse(line) as Ready) : undefined

/** Starts what stands for the PBX. */
export function startEcho(): Promise<Started<Ready>> {
  return startServer({ script: join(folder, 'echo.ts'), nodeFlags: ['--expose-gc'] }, announced)
}

function script(name: string): RelayPeer['start'] {
  return ({ dir, upstream }) =>
    startServer(
      {
        script: join(folder, `${name}.ts`),
        nodeFlags: ['--expose-gc'],
        env: { DATA_DIR: dir, UPSTREAM: upstream, NGINX: nginx },
      },
      announced,
    )
}

/** The real process, which is told about the echo as an operator would. */
function startProxy({ dir, upstream, profile }: StartOptions): Promise<Started<Ready>> {
  const file = join(dir, 'upstreams.json')
  const bench = { name: 'bench', targets: [`${upstream}/ws`], auth: 'optional', allowPrivate: true }
  writeFileSync(file, JSON.stringify({ upstreams: [{ ...bench, maxSockets: 100_000 }] }))
  let beside: Ready | undefined
  return startServer(
    {
      script: join(import.meta.dirname, '../services/sip-proxy/main.ts'),
      nodeFlags: [
        '--expose-gc',
        `--import=${join(folder, 'beside.ts')}`,
        ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
      ],
      env: { ...lifted, DATA_DIR: dir, SIP_UPSTREAMS_FILE: file },
    },
    (line) => {
      beside ??= announced(line)
      const port = /"url":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(line)?.[1]
      return beside && port !== undefined ? { ...beside, port: Number(port) } : undefined
    },
  )
}

const lifted = {
  PORT: '0',
  PUBLIC_URL: 'http://127.0.0.1:3000',
  // Thousands come at once here, and talk faster than any phone.
  SIP_ADMISSION_RATE: '100000',
  SIP_ADMISSION_BURST: '100000',
  RATE_LIMIT_SIP_SOCKETS: '10000000',
  SIP_MAX_SOCKETS: '100000',
  SIP_MESSAGE_RATE: '10000000',
  SIP_MESSAGE_BURST: '10000000',
}

/** An empty directory for a peer. */
export function dirOf(peer: RelayPeer, dir: string): string {
  const own = join(dir, peer.name.replaceAll(/\W+/g, '-'))
  mkdirSync(own, { recursive: true })
  return own
}
