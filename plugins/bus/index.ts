import fp from 'fastify-plugin'
import { Type, type Static } from 'typebox'
import { memoryBus, openRedisBus, type Bus } from '@switchhook/shared/bus'
import { parseRedisUrl } from '@switchhook/shared/redis'
import type { FastifyInstance } from 'fastify'

export const Options = Type.Object({
  redisUrl: Type.Optional(
    Type.String({
      env: 'REDIS_URL',
      secret: true,
      description:
        'Redis 6.2 or newer, through which processes tell each other what was committed: a server (`redis://`), sentinels (`redis+sentinel://host:26379,host:26379/mymaster`) or a cluster (`redis+cluster://host:6379,host:6379`), with TLS as `rediss…`. Without it events stay in the process.',
      example: 'redis://:secret@redis.internal:6379/0',
    }),
  ),
})

export type Options = Static<typeof Options>

declare module 'fastify' {
  interface FastifyInstance {
    bus: Bus
  }
}

/** Mistakes in the address that its schema cannot see. */
export function busMistakes({ redisUrl }: Options): { name: string; reason: string }[] {
  if (redisUrl === undefined) return []
  const parsed = parseRedisUrl(redisUrl)
  return 'reason' in parsed ? [{ name: 'REDIS_URL', reason: parsed.reason }] : []
}

/** `app.bus`: committed events on their way to the hubs, of this process or through Redis of all. */
async function bus(app: FastifyInstance, options: Options): Promise<void> {
  const opened = await open(app, options)
  app.decorate('bus', opened)
  // Events arrive without it, a little later: it decides about nobody's readiness.
  app.health.add('bus', { needed: false, probe: () => opened.ping() })
  app.addHook('onClose', () => opened.close())
}

async function open(app: FastifyInstance, { redisUrl }: Options): Promise<Bus> {
  const onError = (error: unknown) => app.log.error({ err: error }, 'bus listener failed')
  if (redisUrl === undefined) return memoryBus(onError)
  const parsed = parseRedisUrl(redisUrl)
  if ('reason' in parsed) throw new Error(`REDIS_URL ${parsed.reason}`)
  return openRedisBus(parsed.target, {
    onError,
    onAway: ({ message }) => app.log.warn({ reason: message }, 'bus away'),
    onBack: () => app.log.info('bus connected'),
    onSkipped: (reason, rows) => app.log.warn({ reason, rows }, 'bus left out events'),
  })
}

export default fp(bus, { name: 'bus', fastify: '5.x', dependencies: ['health'] })
