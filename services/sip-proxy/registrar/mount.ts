import { openRegistrations } from '@switchhook/shared/registrations'
import { openRegistrar, type Registrar } from './index.ts'
import { registrarMetrics } from './metrics.ts'
import type { FastifyInstance } from 'fastify'

/** Between two writes of what changed. */
const turnMs = 1_000

/** The registrar of a process, with its metrics; it ends with the app. */
export function mountRegistrar(app: FastifyInstance): Registrar {
  const registrar: Registrar = openRegistrar({
    rows: openRegistrations(app.store),
    metrics: registrarMetrics(app.metrics, () => registrar.count()),
    log: app.log,
  })
  const timer = setInterval(() => void registrar.turn(), turnMs)
  app.addHook('onClose', async () => {
    clearInterval(timer)
    await registrar.close()
  })
  return registrar
}
