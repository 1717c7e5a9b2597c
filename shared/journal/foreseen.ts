import { overwriteCall, type Done } from './append.ts'
import { callIdsOf, countOf, number, unknownCall, type Numbered } from './numbering.ts'
import { callRows, deliveryRows, eventRows } from './rows.ts'
import type { Database, Insert, Write } from '../database/index.ts'
import type { NewDelivery } from './contract.ts'
import type { Foresight, Remembered } from './foresight.ts'

/**
 * Appends a batch of one app in a single statement, numbered as foreseen. Nothing is written when another writer came
 * between, a delivery was seen before or a call exists that was taken for new.
 * @returns null if it must be looked up first
 */
export async function appendForeseen(
  db: Database,
  batch: readonly NewDelivery[],
  foresight: Foresight,
): Promise<Done | null> {
  const app = batch[0]!.app
  const count = countOf(batch)
  if (count === 0 || batch.some((delivery) => delivery.app !== app)) return null
  const remembered = foresight.of(app)
  if (!remembered) return null
  const known = new Map(
    [...callIdsOf(batch)].map((id) => [id, remembered.calls.get(id) ?? unknownCall]),
  )
  const numbered = number(batch, { app, after: remembered.head, known })
  const written = await db.allOrNone(writesOf(batch, numbered, remembered))
  return written ? { fresh: new Set(batch.map(({ id }) => id)), apps: [numbered] } : null
}

/** Deliveries first and the counter second, as in a transaction of its own. */
function writesOf(
  batch: readonly NewDelivery[],
  numbered: Numbered,
  { calls: known }: Remembered,
): Write[] {
  const { app, before, head } = numbered
  const calls = Map.groupBy(numbered.calls, ([id]) => (known.has(id) ? 'known' : 'fresh'))
  return [
    inserting({ into: 'deliveries', rows: deliveryRows(batch), conflict: 'ignore' }),
    { write: { text: raise, values: [app, before, head] }, expect: 1 },
    inserting({ into: 'events', rows: eventRows(numbered) }),
    inserting({ into: 'calls', rows: callRows(app, calls.get('fresh') ?? []), conflict: 'ignore' }),
    inserting({
      into: 'calls',
      rows: callRows(app, calls.get('known') ?? []),
      conflict: overwriteCall,
    }),
  ].filter(({ expect }) => expect > 0)
}

const raise = 'update counters set seq = $3 where app = $1 and seq = $2'

/** Every row, or the guess was wrong. */
function inserting(insert: Insert): Write {
  return { write: insert, expect: insert.rows.length }
}
