import type { FastifyInstance } from 'fastify'
import type { CallParts } from './parts.ts'

/**
 * After an update, calls and voicemails that are in no list yet come into theirs, step by step, while everything else
 * goes on.
 */
export function listOld(
  scope: FastifyInstance,
  { calls, voicemails }: Pick<CallParts, 'calls' | 'voicemails'>,
): void {
  const closing = new AbortController()
  let listing: Promise<void> = Promise.resolve()
  const list = async (): Promise<void> => {
    while (!closing.signal.aborted && (await calls.listOld()));
    while (!closing.signal.aborted && (await voicemails.listOld()));
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
