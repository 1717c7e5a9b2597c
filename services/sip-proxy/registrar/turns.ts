import type { FastifyBaseLogger } from 'fastify'

/** What is done again and again, one at a time; nothing of it rejects. */
export interface Turns {
  /** Takes a turn, or waits for the one under way. */
  take(): Promise<void>
  /** Takes a turn that begins after this was asked for. */
  takeNew(): Promise<void>
  /** Waits for the one under way, if any. */
  settle(): Promise<void>
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
      if (failing) log.info('registrations written again')
      failing = false
    } catch (error) {
      if (!failing) log.warn({ err: error }, 'registrations not written')
      failing = true
    }
  }
  const take = (): Promise<void> => (current ??= attempt().finally(() => (current = null)))
  const settle = async (): Promise<void> => {
    await current
  }

  return { take, settle, takeNew: () => settle().then(take) }
}
