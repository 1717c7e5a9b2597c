import fp from 'fastify-plugin'
import { memoryBus, type Bus } from '@switchhook/shared/bus'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    bus: Bus
  }
}

/** `app.bus`: committed events on their way to the hubs of this process. */
async function bus(app: FastifyInstance): Promise<void> {
  app.decorate(
    'bus',
    memoryBus((error) => app.log.error({ err: error }, 'bus listener failed')),
  )
  app.health.add('bus', { needed: false, probe: async () => {} })
}

export default fp(bus, { name: 'bus', fastify: '5.x', dependencies: ['health'] })
