import rateLimit from '@fastify/rate-limit'
import fp from 'fastify-plugin'
import { Type, type Static } from 'typebox'
import { openSharedCounts, type SharedCounts } from '@switchhook/shared/limits'
import { parseRedisUrl } from '@switchhook/shared/redis'
import { limitOf, type Limit } from './limit.ts'
import { storeOf } from './store.ts'
import type { FastifyInstance } from 'fastify'

export { addressOf, type Limit } from './limit.ts'

export const Options = Type.Object({
  calls: Type.Integer({
    env: 'RATE_LIMIT_CALLS',
    default: 300,
    minimum: 1,
    description:
      'Requests per minute of an API key or a user to the REST API; of an address, those that fail to say who they are and those to no route.',
  }),
  internal: Type.Integer({
    env: 'RATE_LIMIT_INTERNAL',
    default: 100,
    minimum: 1,
    description:
      'Requests per minute with a secret to `/internal/*`; of an address, those without one or with a wrong one.',
  }),
})

type Options = Static<typeof Options>

/** What processes share their counts through. */
interface Parts {
  readonly redisUrl?: string
}

declare module 'fastify' {
  interface FastifyInstance {
    limits: {
      /** Of the REST API. */
      readonly calls: Limit
      /** Of the operators' API. */
      readonly internal: Limit
      /** Another one. Its name stands in the headers, and parts its counts from those of others. */
      of(name: string, perMinute: number): Limit
    }
  }
}

/** `app.limits`: how often somebody may ask; and nobody asks for routes that are not there more often than that. */
async function limits(app: FastifyInstance, options: Options & Parts): Promise<void> {
  const store = storeOf(await open(app, options))
  await app.register(rateLimit, { global: false, store })
  const of = (name: string, perMinute: number): Limit => limitOf(app, { name, perMinute })
  const calls = of('calls', options.calls)
  app.decorate('limits', { calls, internal: of('internal', options.internal), of })
  for (const server of new Set([app, app.admin])) {
    server.addHook('onRequest', async (request, reply) => {
      const refusal = request.is404 ? await calls.countAddress(request, reply) : null
      if (refusal) throw refusal
    })
  }
}

async function open(app: FastifyInstance, { redisUrl }: Parts): Promise<SharedCounts | null> {
  if (redisUrl === undefined) return null
  const parsed = parseRedisUrl(redisUrl)
  if ('reason' in parsed) throw new Error(`REDIS_URL ${parsed.reason}`)
  const shared = await openSharedCounts(parsed.target, {
    onAway: ({ message }) =>
      app.log.warn({ reason: message }, 'requests are counted by each process'),
    onBack: () => app.log.info('requests are counted together'),
    onSkipped: () => {},
  })
  app.addHook('onClose', () => shared.close())
  return shared
}

export default fp(limits, { name: 'rate-limit', fastify: '5.x', dependencies: ['admin'] })
