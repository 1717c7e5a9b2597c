import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import admin from '@switchhook/plugins/admin'
import metrics from '@switchhook/plugins/metrics'
import type { Test } from 'tap'

/** A server that counts, with nothing on it; it goes with the test. */
export async function metered(
  t: Test,
  options: FastifyServerOptions = {},
): Promise<FastifyInstance> {
  const app = Fastify(options)
  t.teardown(() => app.close())
  await app.register(admin, { host: '127.0.0.1', create: () => Fastify() })
  await app.register(metrics, { service: 'test', version: '0' })
  return app
}
