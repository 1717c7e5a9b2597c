import { isIP } from 'node:net'
import { Type, type Static } from 'typebox'
import { Listen, type Environment, type Mistake } from '@switchhook/shared/config'
import admin, { Options as Admin } from '@switchhook/plugins/admin'
import audit from '@switchhook/plugins/audit'
import auth, { authMistakes, Options as Auth, sourceMistakes } from '@switchhook/plugins/auth'
import bus, { busMistakes, Options as Bus } from '@switchhook/plugins/bus'
import credentials from '@switchhook/plugins/credentials'
import directory from '@switchhook/plugins/directory'
import health from '@switchhook/plugins/health'
import internal, { Options as Internal } from '@switchhook/plugins/internal'
import journal from '@switchhook/plugins/journal'
import mappings from '@switchhook/plugins/mappings'
import metrics from '@switchhook/plugins/metrics'
import openapi from '@switchhook/plugins/openapi'
import originCheck, { Options as OriginCheck } from '@switchhook/plugins/origin-check'
import problem from '@switchhook/plugins/problem'
import rateLimit, { Options as RateLimit } from '@switchhook/plugins/rate-limit'
import sealing from '@switchhook/plugins/sealing'
import store, { isPostgres, Options as Store, storeMistakes } from '@switchhook/plugins/store'
import validation from '@switchhook/plugins/validation'
import websocket from '@switchhook/plugins/websocket'
import { Options as Log } from './log.ts'
import { createServer } from './server.ts'
import type { FastifyInstance } from 'fastify'

/** What every process of the suite is told. */
export const base = {
  http: Type.Object({
    ...Listen.properties,
    publicUrl: Type.Optional(
      Type.String({
        env: 'PUBLIC_URL',
        description: 'What clients and providers call us; `http://HOST:PORT` if not set.',
        example: 'https://calls.example.com',
      }),
    ),
    trustProxy: Type.Array(Type.String(), {
      env: 'TRUST_PROXY',
      separator: ' ',
      default: [],
      description:
        'Networks of the proxies in front, as CIDRs; only from there are X-Forwarded-* believed.',
      example: '10.0.0.0/8',
    }),
  }),
  log: Log,
  environment: Type.String({
    env: 'NODE_ENV',
    default: 'production',
    description: 'A name that `/health` shows; it changes nothing.',
  }),
  admin: Admin,
  store: Store,
  bus: Bus,
  secretsKeys: Type.Array(Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' }), {
    env: 'SECRETS_KEY',
    separator: ',',
    secret: true,
    generated: 32,
    minItems: 1,
    description:
      'Seals credentials, tokens and raw deliveries at rest: 32 bytes as base64; of `a,b` the first seals, both open while you rotate.',
  }),
  internal: Internal,
  rateLimit: RateLimit,
}

const Base = Type.Object(base)
export type Base = Static<typeof Base>

/** What sockets need besides: who may connect, from where. */
export const access = { auth: Auth, originCheck: OriginCheck }

const Access = Type.Object(access)
export type Access = Static<typeof Access>

/** Mistakes that the schema of a single value cannot see. */
export function baseMistakes(config: Base & Partial<Access>): Mistake[] {
  const { http } = config
  const mistakes: Mistake[] = http.trustProxy
    .filter((network) => !isNetwork(network))
    .map((network) => ({ name: 'TRUST_PROXY', reason: `'${network}' is not a CIDR` }))
  mistakes.push(...storeMistakes(config.store), ...busMistakes(config.bus))
  if (config.auth) mistakes.push(...authMistakes(config.auth))
  if (isPostgres(config.store)) mistakes.push(...missingAddresses(config))
  if (
    http.publicUrl !== undefined &&
    !/^https?:$/.test(URL.parse(http.publicUrl)?.protocol ?? '')
  ) {
    mistakes.push({ name: 'PUBLIC_URL', reason: `'${http.publicUrl}' is not an http(s) URL` })
  }
  return mistakes
}

/** Who shares a database serves others than this machine: a guessed address would be wrong in silence. */
function missingAddresses({ http, originCheck: origins }: Base & Partial<Access>): Mistake[] {
  const mistakes: Mistake[] = []
  const reason = 'must be given with a database of your own'
  if (http.publicUrl === undefined) {
    mistakes.push({ name: 'PUBLIC_URL', reason, example: 'https://calls.example.com' })
  }
  const listed = origins && (origins.frontendUrl ?? origins.file ?? origins.allow[0])
  if (origins && listed === undefined) {
    mistakes.push({ name: 'ALLOWED_ORIGINS', reason, example: 'https://crm.example.com' })
  }
  return mistakes
}

/** `true` and hop counts are no networks: with them every client could pick its address. */
function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return (
    prefix === undefined ||
    (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
  )
}

/** Variables of the suite that this version does not know yet: better not to start than to ignore them. */
const notYet = ['TLS_CERT_FILE']

/** One mistake for each setting that would be silently without effect. */
export function unsupportedMistakes(environment: Environment): Mistake[] {
  const unknown = notYet
    .filter((name) => environment[name])
    .map((name) => ({ name, reason: 'is not supported by this version: unset it' }))
  return [...unknown, ...sourceMistakes(environment)]
}

/** Registers what every service stands on, in the order a request meets it. */
export async function registerBase(
  app: FastifyInstance,
  { config, service }: { config: Base; service: string },
): Promise<void> {
  const { environment, http } = config
  await app.register(problem)
  await app.register(validation)
  const create = () => createServer({ log: app.log, trustProxy: http.trustProxy })
  await app.register(admin, { ...config.admin, host: http.host, create })
  if (app.admin !== app) await app.admin.register(problem).register(validation)
  const publicUrl = http.publicUrl ?? `http://${http.host}:${http.port}`
  await app.register(openapi, { version, publicUrl })
  await app.register(health, { version, environment })
  await app.register(rateLimit, { ...config.rateLimit, ...config.bus })
  await app.register(internal, config.internal)
  await app.register(metrics, { service, version })
  await app.register(store, config.store)
  await app.register(journal)
  await app.register(directory)
  await app.register(sealing, { keys: config.secretsKeys })
  await app.register(credentials)
  await app.register(mappings)
  await app.register(audit)
  await app.register(bus, config.bus)
  if (isPostgres(config.store) && config.bus.redisUrl === undefined) {
    app.log.warn('without REDIS_URL events of other processes arrive up to a second late')
  }
}

/** Registers what sockets need, once per process. */
export async function registerAccess(
  app: FastifyInstance,
  { config, publicUrl }: { config: Access & Base; publicUrl: string },
): Promise<void> {
  await app.register(websocket)
  await app.register(originCheck, { ...config.originCheck, publicUrl, port: config.http.port })
  await app.register(auth, { ...config.auth, publicUrl })
}

/** Of the whole suite. */
export const version = '0.1.0'
