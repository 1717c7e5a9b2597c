import { Counter, Histogram, type Registry } from 'prom-client'
import { CodedError } from '@switchhook/shared/errors'
import type { Outcome } from './pipeline.ts'

/** What the ingest counts. */
export interface IngestMetrics {
  /** Counts what became of a delivery and how long its answer took. */
  observe(provider: string, ingest: () => Promise<Outcome>): Promise<Outcome>
  /** Counts a commit and the deliveries that shared it. */
  batch(size: number): void
}

/** Registers the ingest's metrics; labels are bounded: provider names and codes of the error table. */
export function ingestMetrics(registry: Registry): IngestMetrics {
  const registers = [registry]
  const deliveries = new Counter({
    name: 'switchhook_ingest_deliveries_total',
    help: 'Deliveries by what became of them: accepted, duplicate, quarantined, or the code of the refusal',
    labelNames: ['provider', 'outcome'],
    registers,
  })
  const seconds = new Histogram({
    name: 'switchhook_ingest_seconds',
    help: 'From the received request to its answer',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  })
  const batches = new Histogram({
    name: 'switchhook_ingest_commit_deliveries',
    help: 'Deliveries that shared one commit',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200],
    registers,
  })
  return {
    batch: (size) => batches.observe(size),
    async observe(provider, ingest) {
      const answered = seconds.startTimer()
      try {
        const outcome = await ingest()
        deliveries.inc({ provider, outcome: outcome.status })
        return outcome
      } catch (error) {
        const outcome = error instanceof CodedError ? error.code : 'internal'
        deliveries.inc({ provider, outcome })
        throw error
      } finally {
        answered()
      }
    },
  }
}
