import type { FastifyInstance } from 'fastify'

interface Repetition {
  readonly everyMs: number
  /** What the log calls a round that failed. */
  readonly name: string
}

/**
 * Does some work at the start and again and again while the service runs, never twice at a time; a failure waits for
 * the next round.
 */
export function repeatedly(
  app: FastifyInstance,
  { everyMs, name }: Repetition,
  work: (stopping: AbortSignal) => Promise<void>,
): void {
  const stopping = new AbortController()
  let round: Promise<void> | null = null
  const begin = (): void => {
    round ??= work(stopping.signal)
      .catch((error: unknown) => app.log.warn({ err: error }, `${name} failed`))
      .finally(() => (round = null))
  }
  const timer = setInterval(begin, everyMs)
  app.addHook('onReady', async () => begin())
  app.addHook('onClose', async () => {
    stopping.abort()
    clearInterval(timer)
    await round
  })
}
