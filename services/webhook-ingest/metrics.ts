import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { CodedError } from '@switchhook/shared/errors'
import type { Endpoint } from './endpoints.ts'
import type { Answered } from './pipeline.ts'
import type { Proof } from './verify.ts'

/** What the ingest counts. */
export interface IngestMetrics {
  /** Counts what became of a delivery and how long its answer took. @returns what the provider is told */
  observe(provider: string, ingest: () => Promise<Answered>): Promise<unknown>
  /** Remembers when a credential last proved a delivery, so that a retired one can go when nobody uses it. */
  proven(endpoint: Endpoint, proof: Proof, nowMs: number): void
  /** Counts a commit and the deliveries that shared it. */
  batch(size: number): void
  /** Counts a second delivery with a known key and another meaning. */
  conflict(provider: string): void
}

/** Registers the ingest's metrics; labels are bounded: apps, provider names, and codes of the error table. */
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
  const matched = new Gauge({
    name: 'switchhook_ingest_credential_last_matched_timestamp_seconds',
    help: 'When a credential last proved a delivery; credential is its place in the list, from 1',
    labelNames: ['app', 'provider', 'source', 'credential'],
    registers,
  })
  const conflicts = new Counter({
    name: 'switchhook_ingest_conflicts_total',
    help: 'Deliveries whose key was known with another meaning; they are kept, and listed as conflict',
    labelNames: ['provider'],
    registers,
  })
  return {
    batch: (size) => batches.observe(size),
    conflict: (provider) => conflicts.inc({ provider }),
    proven({ app, provider }, { set: { source }, proven }, nowMs) {
      const credential = String(proven.credential + 1)
      matched.set({ app, provider: provider.name, source, credential }, Math.floor(nowMs / 1000))
    },
    async observe(provider, ingest) {
      const answered = seconds.startTimer()
      try {
        const { outcome, body } = await ingest()
        deliveries.inc({ provider, outcome: outcome.status })
        return body
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
