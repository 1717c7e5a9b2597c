import fp from 'fastify-plugin'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'

/** Keys that are counted at a time; the one not seen for longest is forgotten, which starts its count anew. */
const maxKeys = 10_000

/** `app.createRateLimit`: counts per key in this process; nothing is limited that does not ask for it. */
async function limits(app: FastifyInstance): Promise<void> {
  await app.register(rateLimit, { global: false, cache: maxKeys })
}

export default fp(limits, { name: 'rate-limit', fastify: '5.x' })
