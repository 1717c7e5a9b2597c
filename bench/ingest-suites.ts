import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { standardWebhooks } from '@switchhook/shared/providers/standard-webhooks'
import { telnyx } from '@switchhook/shared/providers/telnyx'
import { jwtSecret } from './peers/token.ts'
import type { Keys, Provider } from '@switchhook/shared/providers'

/** What a peer is started with. */
export interface Given {
  /** An empty directory. */
  readonly dir: string
  /** An empty database, in the suite that has one. */
  readonly database: string
  readonly keys: Keys
}

/** One of those who are compared. */
export interface IngestPeer {
  readonly name: string
  /** From this folder. */
  readonly script: string
  env(given: Given): Record<string, string>
  /** Its store, in the directory, in a suite over the embedded store. */
  readonly file?: string
  /** Asks its store how many events are `stored` and as they must be. */
  readonly check?: string
  /** Ours: it may be profiled. */
  readonly ours?: boolean
}

/** A comparison: what is sent, to whom, over which store. */
export interface IngestSuite {
  readonly title: string
  readonly provider: Provider
  readonly store: 'postgres' | 'embedded'
  /** How many deliveries are signed, so that no peer runs out of them. */
  readonly deliveries: number
  readonly peers: readonly IngestPeer[]
  /** What the figures are divided by, the most important one first. */
  readonly against: readonly { readonly peer: number; readonly heading: string }[]
}

/** What both processes of ours want. */
const ours = ({ dir }: Given): Record<string, string> => ({
  PORT: '0',
  DATA_DIR: dir,
  INTERNAL_API_SECRET: randomBytes(32).toString('hex'),
  SECRETS_KEY: randomBytes(32).toString('base64'),
})

const peerOf = (provider: Provider, { keys }: Given): Record<string, string> => ({
  SENDER: provider.name,
  CREDENTIAL: keys.credential,
  JWT_SECRET: jwtSecret,
})

const hmac = (given: Given): Record<string, string> => peerOf(standardWebhooks, given)
const hmacStored = (given: Given): Record<string, string> => ({
  ...hmac(given),
  DATABASE_URL: given.database,
})

export const postgresSuite: IngestSuite = {
  title: 'Ingest over PostgreSQL, HMAC-SHA256',
  provider: standardWebhooks,
  store: 'postgres',
  deliveries: 150_000,
  peers: [
    {
      name: 'Switchhook webhook-ingest',
      script: '../services/webhook-ingest/main.ts',
      env: (given) => ({
        ...ours(given),
        DATABASE_URL: given.database,
        PUBLIC_URL: 'http://127.0.0.1',
        STANDARD_WEBHOOKS_SECRET: given.keys.credential,
      }),
      // Numbered from 1 without a hole, else it is none.
      check: `select count(*)::int * (count(*) = max(seq) and min(seq) = 1)::int as stored from events`,
      ours: true,
    },
    {
      name: 'Fastify, one insert',
      script: 'peers/fastify.ts',
      env: hmacStored,
      check: 'select count(*)::int as stored from events',
    },
    {
      name: 'Express, three statements',
      script: 'peers/express.ts',
      env: hmacStored,
      check: 'select count(*)::int as stored from events',
    },
    { name: 'Fastify, stores nothing', script: 'peers/fastify.ts', env: hmac },
  ],
  against: [
    { peer: 1, heading: 'insert' },
    { peer: 2, heading: 'three' },
  ],
}

/** The same over the store that is in the process, for a provider whose signatures are checked by `peer`'s means. */
function embeddedSuite(
  provider: Provider,
  { scheme, deliveries }: { scheme: string; deliveries: number },
): IngestSuite {
  const stored = (given: Given, file: string): Record<string, string> => ({
    ...peerOf(provider, given),
    SQLITE_FILE: join(given.dir, file),
  })
  const check = 'select count(*) as stored from events'
  return {
    title: `Ingest over the embedded store, ${scheme}`,
    provider,
    store: 'embedded',
    deliveries,
    peers: [
      {
        name: 'Switchhook webhook-ingest',
        script: '../services/webhook-ingest/main.ts',
        env: (given) => ({ ...ours(given), [provider.credentialName]: given.keys.credential }),
        file: 'switchhook.db',
        check: 'select count(*) * (count(*) = max(seq) and min(seq) = 1) as stored from events',
        ours: true,
      },
      {
        name: 'Fastify, one insert',
        script: 'peers/fastify.ts',
        env: (given) => stored(given, 'fastify.db'),
        file: 'fastify.db',
        check,
      },
      {
        name: 'Express, three statements',
        script: 'peers/express.ts',
        env: (given) => stored(given, 'express.db'),
        file: 'express.db',
        check,
      },
      {
        name: 'Fastify, stores nothing',
        script: 'peers/fastify.ts',
        env: (given) => peerOf(provider, given),
      },
    ],
    against: [
      { peer: 3, heading: 'not storing' },
      { peer: 1, heading: 'insert' },
      { peer: 2, heading: 'three' },
    ],
  }
}

export const embeddedSuites: readonly IngestSuite[] = [
  embeddedSuite(standardWebhooks, { scheme: 'HMAC-SHA256', deliveries: 150_000 }),
  embeddedSuite(telnyx, { scheme: 'Ed25519', deliveries: 80_000 }),
]
