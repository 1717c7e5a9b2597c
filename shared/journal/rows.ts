import type { Insert } from '../database/index.ts'
import type { KnownCall } from './book.ts'
import type { NewDelivery } from './contract.ts'
import type { Numbered } from './numbering.ts'

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
    digest: delivery.digest,
  }))
}

export function eventRows({ app, rows }: Numbered): Rows {
  return [...rows].flatMap(([delivery, events]) =>
    events.map((event) => ({ app, delivery, ...event, late: event.late ? 1 : 0 })),
  )
}

/** @param withMissed whether the rows say which calls are missed: most batches have nothing to say about that */
export function callRows(
  app: string,
  calls: readonly (readonly [string, KnownCall])[],
  withMissed: boolean,
): Rows {
  return calls.map(([id, { state, firstSeq, touchedAt, live, missed }]) => ({
    app,
    id,
    live: live ? 1 : 0,
    first_seq: firstSeq,
    touched_at: touchedAt,
    ...(withMissed && {
      missed_from: missed?.from ?? null,
      missed_to: missed?.to ?? null,
      missed_at: missed?.at ?? null,
    }),
    state: JSON.stringify(state),
  }))
}

/** A call keeps the number it began with. */
export function overwriteCall(withMissed: boolean): NonNullable<Insert['conflict']> {
  const missed = withMissed ? ['missed_from', 'missed_to', 'missed_at'] : []
  return { key: 'app, id', update: ['live', 'touched_at', ...missed, 'state'] }
}

/** Other ids with the calls that they lead to after everything. */
export function aliasRows({ app, book }: Numbered): Rows {
  const aliases = [...book.named.keys(), ...book.gone.keys()]
  return aliases.map((alias) => ({ app, alias, call: book.resolve(alias) }))
}
