import { Counter } from 'prom-client'
import { rounds } from './rounds.ts'
import type { Deliveries } from '@switchhook/shared/journal'
import type { FastifyInstance } from 'fastify'

interface Options {
  readonly deliveries: Deliveries
  readonly maxAgeMs: number
  readonly now: () => number
}

const everyMs = 300_000
/** Deliveries in one transaction: short enough that webhooks need not wait for it. */
const perStep = 500
const maxSteps = 200

/** Takes away what raw deliveries said when they are old; that they came is remembered for ever, for a late retry. */
export function retainDeliveries(
  app: FastifyInstance,
  { deliveries, maxAgeMs, now }: Options,
): void {
  const purged = new Counter({
    name: 'switchhook_ingest_purged_deliveries_total',
    help: 'Raw deliveries removed because of their age',
    registers: [app.metrics],
  })
  rounds(app, { everyMs, name: 'removing old deliveries' }, async (stopping) => {
    const before = new Date(now() - maxAgeMs).toISOString()
    for (const { id } of app.directory.apps) {
      for (let steps = 0; steps < maxSteps && !stopping.aborted; steps += 1) {
        const count = await deliveries.purgeOlderThan(id, before, perStep)
        purged.inc(count)
        if (count < perStep) break
      }
    }
  })
}
