import { recordOf } from '../projections/index.ts'
import type { Insert } from '../database/index.ts'
import type { NewDelivery } from './contract.ts'
import type { KnownCall, Numbered } from './numbering.ts'

type Rows = Insert['rows']

/** In the order of their keys: two batches with the same copies wait for each other, never in a circle. */
export function deliveryRows(batch: readonly NewDelivery[]): Rows {
  const sorted = batch.toSorted((a, b) => (a.dedupeKey < b.dedupeKey ? -1 : 1))
  return sorted.map((delivery) => ({
    id: delivery.id,
    app: delivery.app,
    provider: delivery.provider,
    dedupe_key: delivery.dedupeKey,
    verdict: delivery.quarantine === null ? 'accepted' : 'quarantined',
    reason: delivery.quarantine,
    received_at: delivery.receivedAt,
    sealed: delivery.sealed,
  }))
}

export function eventRows({ app, rows }: Numbered): Rows {
  return [...rows].flatMap(([delivery, events]) =>
    events.map((event) => ({ app, delivery, ...event, late: event.late ? 1 : 0 })),
  )
}

export function callRows(app: string, calls: Iterable<[string, KnownCall]>): Rows {
  return [...calls].flatMap(([id, { state, firstSeq }]) => {
    if (state === null) return []
    const live = recordOf(state).phase === 'ended' ? 0 : 1
    return [{ app, id, live, first_seq: firstSeq, state: JSON.stringify(state) }]
  })
}
