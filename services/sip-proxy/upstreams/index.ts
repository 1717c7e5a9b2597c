import { UpstreamList } from './list.ts'
import { upstreamMetrics } from './metrics.ts'
import { readUpstreams, type UpstreamsOptions } from './read.ts'
import type { FastifyInstance } from 'fastify'
import type { Mistake } from '@switchhook/shared/config'
import type { Upstreams } from './contract.ts'

export type { Route, Target, Upstream, Upstreams } from './contract.ts'
export { UpstreamsFile } from './schema.ts'
export type { UpstreamsOptions } from './read.ts'

/** Every mistake in the file of upstreams, and in the files it names. */
export function upstreamsMistakes(options: UpstreamsOptions): readonly Mistake[] {
  return readUpstreams(options).mistakes
}

/**
 * The upstreams that the file describes, as it is now: it is followed until the server closes, and open sockets are
 * never touched. Without a file there are none.
 * @throws ConfigError with every mistake in it
 */
export async function openUpstreams(
  app: FastifyInstance,
  options: UpstreamsOptions,
): Promise<Upstreams> {
  const list = await UpstreamList.open(options, app.log)
  app.addHook('onClose', async () => list.close())
  upstreamMetrics(app.metrics, list)
  return list
}
