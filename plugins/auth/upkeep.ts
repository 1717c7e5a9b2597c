import type { Access } from '@switchhook/shared/access'
import type { FastifyInstance } from 'fastify'

/** What another process took back is refused here within a second. */
const refreshMs = 500

/** Keeps what is known of keys and revocations up to date while the app runs. */
export function keepUpToDate(app: FastifyInstance, access: Pick<Access<never>, 'refresh'>): void {
  let refreshing: Promise<void> | null = null
  let failing = false
  const refresh = async (): Promise<void> => {
    try {
      await access.refresh(Date.now())
      failing = false
    } catch (error) {
      // What is in memory still holds: tokens and keys are good while the store is away.
      if (!failing) app.log.warn({ err: error }, 'keys and revocations not refreshed')
      failing = true
    }
  }
  const timer = setInterval(() => {
    refreshing ??= refresh().finally(() => (refreshing = null))
  }, refreshMs)
  app.addHook('onClose', async () => {
    clearInterval(timer)
    await refreshing
  })
}
