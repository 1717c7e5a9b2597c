import type { FastifyBaseLogger } from 'fastify'

/** What is done again and again, one at a time; nothing of it rejects. */
export interface Turns {
  /** Takes a turn, or waits for the one under way. */
  take(): Promise<void>
  /** Takes a turn that begins after this was asked for. */
  takeNew(): Promise<void>
  /** Runs the last one, of which nobody waits for the end longer than `ms`. */
  end(last: () => Promise<void>, ms: number): Promise<void>
}

interface TurnsOptions {
  readonly log: Pick<FastifyBaseLogger, 'warn' | 'info'>
  /** What is logged: that turns fail, that they do not any more, and that the last one did not succeed. */
  readonly phrases: { readonly failed: string; readonly again: string; readonly unended: string }
}

/** Tells once that turns fail, and once that they do not any more. */
export function turnsOf(turn: () => Promise<void>, { log, phrases }: TurnsOptions): Turns {
  let current: Promise<void> | null = null
  let failing = false

  const attempt = async (): Promise<void> => {
    try {
      await turn()
      if (failing) log.info(phrases.again)
      failing = false
    } catch (error) {
      if (!failing) log.warn({ err: error }, phrases.failed)
      failing = true
    }
  }
  const take = (): Promise<void> => (current ??= attempt().finally(() => (current = null)))

  return {
    take,
    takeNew: () => Promise.resolve(current).then(take),
    async end(last, ms) {
      const deadline = Promise.withResolvers<never>()
      const timer = setTimeout(() => deadline.reject(new Error(`not within ${ms} ms`)), ms)
      const ended = Promise.resolve(current).then(() => (failing ? undefined : last()))
      await Promise.race([ended, deadline.promise])
        .catch((error: unknown) => log.warn({ err: error }, phrases.unended))
        .finally(() => clearTimeout(timer))
    },
  }
}
