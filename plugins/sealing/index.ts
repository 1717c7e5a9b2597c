import fp from 'fastify-plugin'
import { createSealing, type Sealing } from '@switchhook/shared/sealing'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    sealing: Sealing
  }
}

/** `app.sealing`: octets at rest, sealed under `SECRETS_KEY`; keys as base64, the first one seals. */
async function sealing(
  app: FastifyInstance,
  { keys }: { readonly keys: readonly string[] },
): Promise<void> {
  app.decorate('sealing', createSealing(keys.map((key) => Buffer.from(key, 'base64'))))
}

export default fp(sealing, { name: 'sealing', fastify: '5.x' })
