import type { FastifyBaseLogger } from 'fastify'

/** What is done again and again, one at a time. */
export interface Turns {
  /** Takes a turn, or waits for the one under way; never rejects. */
  take(): Promise<void>
  /** Runs the last one, of which nobody waits for the end longer than `ms`. */
  end(last: () => Promise<void>, ms: number): Promise<void>
}

/** Tells once that turns fail, and once that they do not any more. */
export function turnsOf(
  turn: () => Promise<void>,
  log: Pick<FastifyBaseLogger, 'warn' | 'info'>,
): Turns {
  let current: Promise<void> | null = null
  let failing = false

  const attempt = async (): Promise<void> => {
    try {
      await turn()
      if (failing) log.info('presence exchanged again')
      failing = false
    } catch (error) {
      // What is known still holds: nobody goes offline because the store is away.
      if (!failing) log.warn({ err: error }, 'presence not exchanged')
      failing = true
    }
  }

  return {
    take: () => (current ??= attempt().finally(() => (current = null))),
    async end(last, ms) {
      const deadline = Promise.withResolvers<never>()
      const timer = setTimeout(() => deadline.reject(new Error(`not within ${ms} ms`)), ms)
      const ended = Promise.resolve(current).then(() => (failing ? undefined : last()))
      await Promise.race([ended, deadline.promise])
        .catch((error: unknown) => log.warn({ err: error }, 'presence not ended'))
        .finally(() => clearTimeout(timer))
    },
  }
}
