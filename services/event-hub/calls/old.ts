import type { FastifyInstance } from 'fastify'
import type { Calls } from '@switchhook/shared/journal'

/** After an update, calls that are in no list yet come into theirs, step by step, while everything else goes on. */
export function listOldCalls(scope: FastifyInstance, calls: Calls): void {
  const closing = new AbortController()
  let listing: Promise<void> = Promise.resolve()
  const list = async (): Promise<void> => {
    while (!closing.signal.aborted && (await calls.listOld()));
  }
  scope.addHook('onReady', async () => {
    // What is left undone by a store that is away is done after the next start.
    listing = list().catch((error: unknown) => scope.log.error({ err: error }, 'listing failed'))
  })
  scope.addHook('preClose', async () => {
    closing.abort()
    await listing
  })
}
