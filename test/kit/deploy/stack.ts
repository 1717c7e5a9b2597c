import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startCaddy, type Caddy } from './caddy.ts'
import { readCompose, type Compose } from './compose.ts'
import { runContainer } from './container.ts'
import { Postgres, postgresPrograms, type Lifetime } from '../postgres.ts'
import { freePort, ready, root, type Running } from '../process.ts'
import { startRedis } from '../redis.ts'
import type { Image } from './image.ts'

const exec = promisify(execFile)
/** Those that users and providers reach through the proxy. */
export const services = ['webhook-ingest', 'event-hub', 'sip-proxy'] as const
export type Service = (typeof services)[number]

/** The same of each service. */
function ofEach<Value>(make: (service: Service) => Value): Record<Service, Value> {
  return Object.fromEntries(services.map((name) => [name, make(name)])) as Record<Service, Value>
}

/** The services of docker-compose.yml, each as the process that its container would hold. */
export interface Stack {
  /** Of the front proxy. */
  readonly url: string
  readonly proxy: Caddy
  readonly running: Readonly<Record<Service, Running>>
  /** `docker compose exec`. */
  exec(service: Service, command: readonly string[]): Running
}

/** What stands for the network and the file system of the containers. */
interface Machine {
  readonly image: Image
  readonly ports: Readonly<Record<Service, number>>
  readonly postgres: URL
  readonly redis: string
}

/**
 * Starts docker-compose.yml without containers: its commands with its environment, in its order. Only addresses, ports and
 * the places of its volumes are those of this machine.
 */
export async function startStack(
  lifetime: Lifetime,
  image: Image,
  variables: Readonly<Record<string, string>>,
): Promise<Stack> {
  const front = await freePort()
  const compose = readCompose({ ...variables, PORT: String(front) })
  await makeSecrets(lifetime, image, compose)
  const [postgres, redis] = await Promise.all([
    startDatabase(lifetime, image),
    startRedis(lifetime, { args: compose.services['redis']!.command!.slice(1) }),
  ])
  const free = [await freePort(), await freePort(), await freePort()]
  const ports = ofEach((service) => free[services.indexOf(service)]!)
  const machine = { image, ports, postgres: new URL(postgres.url), redis: redis.url }
  const told = (service: Service) => environmentOf(compose, service, machine)
  const start = (service: Service): Running =>
    runContainer(lifetime, image, {
      command: compose.services[service]!.command!,
      environment: told(service),
    })
  // Together, as compose does: one of them brings the empty database up to date, the others wait.
  const running = ofEach(start)
  await Promise.all(services.map((service) => ready(running[service])))
  const { SITE = '', TRUST = '' } = compose.services['proxy']!.environment! as Record<
    string,
    string
  >
  const proxy = await startCaddy(lifetime, {
    environment: { SITE: SITE.replace('3000', String(front)), TRUST },
    upstreams: Object.fromEntries(
      services.map((service) => [`${service}:3000`, `127.0.0.1:${ports[service]}`]),
    ),
  })
  return {
    url: `http://127.0.0.1:${front}`,
    proxy,
    running,
    exec: (service, command) =>
      runContainer(lifetime, image, { command, environment: told(service) }),
  }
}

async function makeSecrets(lifetime: Lifetime, image: Image, compose: Compose): Promise<void> {
  const [program = '', script = '', place = ''] = compose.services['secrets']!.command!
  const command = [program, script, join(image.root, place)]
  const { exited, output } = runContainer(lifetime, image, { command })
  if ((await exited) !== 0) throw new Error(`no secrets: ${output()}`)
}

/** A server that lets the services in by their password alone, set up by the file that the container is given. */
async function startDatabase(lifetime: Lifetime, image: Image): Promise<Postgres> {
  const dir = mkdtempSync(join(tmpdir(), 'switchhook-database-'))
  lifetime.teardown(() => rmSync(dir, { recursive: true, force: true }))
  chmodSync(dir, 0o755)
  const access = join(dir, 'pg_hba.conf')
  const rules = ['host all postgres samehost trust', 'host all all samehost scram-sha-256']
  writeFileSync(access, `${rules.join('\n')}\n`)
  const postgres = await Postgres.start(lifetime, [`hba_file=${access}`])
  const setup = join(dir, 'setup.sql')
  const text = readFileSync(join(root, 'deploy/postgres.sql'), 'utf8')
  writeFileSync(setup, text.replaceAll('/secrets/', join(image.root, 'secrets/')))
  const flags = ['--no-psqlrc', '--set=ON_ERROR_STOP=1', `--file=${setup}`, postgres.url]
  await exec(join(postgresPrograms()!, 'psql'), flags)
  return postgres
}

function environmentOf(
  compose: Compose,
  service: Service,
  { image, ports, postgres, redis }: Machine,
): Record<string, string> {
  const here: Record<string, string> = { ...image.environment }
  const volumes = (compose.services[service]!['volumes'] ?? []) as string[]
  const hasVolume = volumes.some((volume) => volume.endsWith(`:${image.environment['DATA_DIR']}`))
  for (const [name, text] of Object.entries(compose.services[service]!.environment!)) {
    here[name] = text!.startsWith('/secrets/') ? join(image.root, text!) : text!
  }
  return {
    ...here,
    // Without a volume there: where nothing can be written.
    DATA_DIR: hasVolume ? join(image.root, 'data') : join(image.root, image.workdir, 'data'),
    HOST: '127.0.0.1',
    PORT: String(ports[service]),
    DB_HOST: postgres.hostname,
    DB_PORT: postgres.port,
    REDIS_URL: here['REDIS_URL']!.replace('redis://redis:6379', redis),
    TRUST_PROXY: '127.0.0.1/32',
  }
}
