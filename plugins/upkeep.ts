import type { FastifyInstance } from 'fastify'

/** What another process changed is known here within a second. */
const refreshMs = 500

interface Upkeep {
  /** What is kept up to date, in a few words. */
  readonly what: string
  readonly refresh: () => Promise<void>
}

/** Reads again and again what other processes change, while the app runs. */
export function keepUpToDate(app: FastifyInstance, { what, refresh }: Upkeep): void {
  let refreshing: Promise<void> | null = null
  let failing = false
  const attempt = async (): Promise<void> => {
    try {
      await refresh()
      failing = false
    } catch (error) {
      // What is in memory still holds while the store is away.
      if (!failing) app.log.warn({ err: error }, `${what} not refreshed`)
      failing = true
    }
  }
  const timer = setInterval(() => {
    refreshing ??= attempt().finally(() => (refreshing = null))
  }, refreshMs)
  app.addHook('onClose', async () => {
    clearInterval(timer)
    await refreshing
  })
}
