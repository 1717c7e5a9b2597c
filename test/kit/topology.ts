import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { balance } from './balancer.ts'
import { jwtSecret, secretsKey } from './build.ts'
import { emptyDatabase, type Lifetime } from './postgres.ts'
import { freePort, ready, spawnService, type Running } from './process.ts'
import { sharedRedis } from './redis.ts'
import { telnyxKeys } from './sender.ts'
import { signToken } from './token.ts'

/** The suite as a test sees it, in whatever shape it runs. */
export interface Shape {
  /** Where clients connect. */
  readonly url: string
  /** Where providers post. */
  readonly webhooks: string
  /** Every hub by itself: a client may go to any of them. */
  readonly hubs: readonly string[]
  readonly token: string
}

/** A service's process that can be killed and comes back at the same address. */
export class Replica {
  readonly url: string
  readonly #service: string
  readonly #environment: Record<string, string>
  #running!: Running

  constructor(service: string, environment: Record<string, string>) {
    this.#service = service
    this.#environment = environment
    this.url = `http://127.0.0.1:${environment['PORT']}`
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    this.#running = spawnService(this.#service, this.#environment)
    await ready(this.#running)
  }

  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    this.#running.child.kill(signal)
    return this.#running.exited
  }

  output(): string {
    return this.#running.output()
  }
}

/** The suite as processes on PostgreSQL and Redis. */
export interface Topology extends Shape {
  readonly ingests: readonly Replica[]
  readonly eventHubs: readonly Replica[]
}

interface TopologyOptions {
  readonly environment?: Record<string, string>
  readonly databaseUrl: string
  readonly redisUrl: string
}

/** Starts two ingests and two hubs, each pair behind a balancer that knows no stickiness. */
export async function startTopology(
  lifetime: Lifetime,
  { environment = {}, databaseUrl, redisUrl }: TopologyOptions,
): Promise<Topology> {
  // One directory for all of them, as on one machine.
  const dataDir = mkdtempSync(join(tmpdir(), 'switchhook-topology-'))
  lifetime.teardown(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }))
  const replica = async (service: string): Promise<Replica> => {
    const started = new Replica(service, {
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      DATA_DIR: dataDir,
      PORT: String(await freePort()),
      PUBLIC_URL: 'http://127.0.0.1:3000',
      ALLOWED_ORIGINS: 'http://127.0.0.1:3000',
      JWT_SECRET: jwtSecret,
      SECRETS_KEY: secretsKey,
      INTERNAL_API_SECRET: randomBytes(32).toString('hex'),
      TELNYX_PUBLIC_KEY: telnyxKeys.publicKey,
      ...environment,
    })
    lifetime.teardown(() => started.end('SIGKILL'))
    await started.start()
    return started
  }
  const pair = (service: string) => Promise.all([replica(service), replica(service)])
  const [ingests, eventHubs] = await Promise.all([pair('webhook-ingest'), pair('event-hub')])
  const hubs = eventHubs.map(({ url }) => url)
  return {
    ingests,
    eventHubs,
    hubs,
    url: await balance(lifetime, hubs),
    webhooks: await balance(
      lifetime,
      ingests.map(({ url }) => url),
    ),
    token: await signToken(jwtSecret),
  }
}

/** Two of each on an empty database and the Redis that the tests of this file share. */
export async function sharedTopology(
  lifetime: Lifetime,
  environment?: Record<string, string>,
): Promise<Topology> {
  const [databaseUrl, redisUrl] = await Promise.all([emptyDatabase(lifetime), sharedRedis()])
  return startTopology(lifetime, { databaseUrl, redisUrl, ...(environment && { environment }) })
}
