import { Counter, Gauge } from 'prom-client'
import { repeatedly } from './repeatedly.ts'
import type { Deliveries } from '@switchhook/shared/journal'
import type { FastifyInstance } from 'fastify'

/** Days that something is kept; 0: for ever. */
export interface Keeping {
  readonly deliveryRetentionDays: number
  readonly eventRetentionDays: number
  readonly auditRetentionDays: number
}

interface Parts {
  readonly deliveries: Deliveries
  readonly keeping: Keeping
  readonly now: () => number
}

/** Removes some of what is older. @returns how much of what; fewer than `perStep` of the first: it was the last */
type Step = (before: string) => Promise<Readonly<Record<string, number>>>

const dayMs = 86_400_000
const everyMs = 300_000
/** Rows in one transaction: short enough that webhooks need not wait for it. */
const perStep = 500
/** Of one kind and app in one round, so that a round ends; the rest waits for the next one. */
const maxSteps = 1_000

/** Takes away what is older than somebody wants to keep it, a little at a time. */
export function retain(app: FastifyInstance, { deliveries, keeping, now }: Parts): void {
  const { journal, audit } = app
  const { deliveryRetentionDays, eventRetentionDays, auditRetentionDays } = keeping
  const clean = cleaner(app, now)
  // What a delivery said goes; that it came is remembered for ever, for a late retry.
  clean(
    'deliveries',
    deliveryRetentionDays,
    ofEachApp(app, async (id, before) => ({
      deliveries: await deliveries.purgeOlderThan(id, before, perStep),
    })),
  )
  clean(
    'events',
    eventRetentionDays,
    ofEachApp(app, async (id, before) => ({
      ...(await journal.prune(id, { before, limit: perStep })),
    })),
  )
  clean('audit', auditRetentionDays, () => [
    async (before) => ({ audit: await audit.purgeOlderThan(before, perStep) }),
  ])
}

/** The same step in every app there is when it is taken. */
function ofEachApp(
  { directory }: FastifyInstance,
  step: (id: string, before: string) => ReturnType<Step>,
): () => Step[] {
  return () =>
    directory.apps.map(
      ({ id }) =>
        (before) =>
          step(id, before),
    )
}

function cleaner(app: FastifyInstance, now: () => number) {
  const registers = [app.metrics]
  const removed = new Counter({
    name: 'switchhook_ingest_retention_removed_total',
    help: 'What was removed because of its age',
    labelNames: ['kind'],
    registers,
  })
  const finished = new Gauge({
    name: 'switchhook_ingest_retention_finished_timestamp_seconds',
    help: 'When everything that was too old had last been removed',
    labelNames: ['kind'],
    registers,
  })
  return (kind: string, days: number, steps: () => readonly Step[]): void => {
    if (days === 0) return
    repeatedly(app, { everyMs, name: `removing old ${kind}` }, async (stopping) => {
      const before = new Date(now() - days * dayMs).toISOString()
      let all = true
      for (const step of steps()) {
        let left = maxSteps
        while (left > 0 && !stopping.aborted && (await more(step, kind, before))) left -= 1
        all &&= left > 0
      }
      if (all && !stopping.aborted) finished.set({ kind }, Math.floor(now() / 1_000))
    })
  }

  /** @returns whether there may be more of it */
  async function more(step: Step, kind: string, before: string): Promise<boolean> {
    const counts = await step(before)
    for (const [what, count] of Object.entries(counts)) removed.inc({ kind: what }, count)
    return counts[kind]! >= perStep
  }
}
