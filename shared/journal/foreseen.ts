import { voicemailKeyOf } from '../projections/index.ts'
import { movesOf, type Moves } from './calls/lists.ts'
import { countOf, number, type Numbered } from './numbering.ts'
import { aliasRows, callRows, deliveryRows, eventRows, overwriteCall } from './rows.ts'
import type { Database, Insert, Statement, Value, Write } from '../database/index.ts'
import type { Done } from './append.ts'
import type { NewDelivery } from './contract.ts'
import type { Foresight } from './foresight.ts'

/**
 * Appends a batch of one app in a single statement, numbered as foreseen. Nothing is written when another writer came
 * between, a delivery was seen before, or an id that was taken for new leads to a call.
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
  // Voicemails look for calls and calls for voicemails: neither is foreseen.
  if (batch.some(({ events }) => events.some((event) => voicemailKeyOf(event) !== null)))
    return null
  const remembered = foresight.of(app)
  if (!remembered) return null
  const numbered = number(batch, { app, before: remembered.place, known: remembered })
  if (numbered.book.lost || numbered.book.gone.size > 0) return null
  // A call that leaves a list has begun at another time than was known, or is another agent's: that is rare.
  const moves = movesOf(numbered)
  if (moves.left.length > 0) return null
  const written = await db.allOrNone(writesOf(db, batch, { ...numbered, moves }))
  return written
    ? { fresh: new Set(batch.map(({ id }) => id)), conflicts: new Set(), apps: [numbered] }
    : null
}

/** Deliveries first and the counter second, as in a transaction of its own. */
function writesOf(
  db: Database,
  batch: readonly NewDelivery[],
  numbered: Numbered & { readonly moves: Moves },
): Write[] {
  const { app, before, after, book, missed, moves } = numbered
  const calls = Map.groupBy(book.calls, ([id]) => (book.has(id) ? 'known' : 'fresh'))
  const [known, fresh] = [calls.get('known') ?? [], calls.get('fresh') ?? []]
  const aliases = aliasRows(numbered)
  const withMissed = missed.length > 0
  return [
    ...inserting({ into: 'deliveries', rows: deliveryRows(batch), conflict: 'ignore' }),
    { write: { text: raise, values: [app, before.head, after.head, before.revision] }, expect: 1 },
    ...inserting({ into: 'events', rows: eventRows(numbered) }),
    ...inserting({ into: 'calls', rows: callRows(app, fresh, withMissed), conflict: 'ignore' }),
    ...inserting({
      into: 'calls',
      rows: callRows(app, known, withMissed),
      conflict: overwriteCall(withMissed),
    }),
    ...inserting({ into: 'call_lists', rows: moves.entered, conflict: 'ignore' }),
    ...inserting({ into: 'call_aliases', rows: aliases, conflict: 'ignore' }),
    // What is new must lead nowhere, by neither of the two ways in which an id leads to a call.
    ...none(fresh.length, {
      text: `update call_aliases set call = call where app = $1 and alias ${db.among('$2')}`,
      values: [app, JSON.stringify(fresh.map(([id]) => id))],
    }),
    ...none(aliases.length, {
      text: `update calls set live = live where app = $1 and id ${db.among('$2')}`,
      values: [app, JSON.stringify(aliases.map(({ alias }) => alias))],
    }),
    ...none(missed.length, {
      text: `update voicemails set call = call
        where app = $1 and from_number ${db.among('$2')} and received_at >= $3`,
      values: [app, JSON.stringify(missed.map(({ from }) => from)), earliestOf(numbered)],
    }),
  ]
}

const raise = 'update counters set seq = $3 where app = $1 and seq = $2 and revision = $4'

/** Every row, or the guess was wrong. */
function inserting(insert: Insert): Write[] {
  const { length } = insert.rows
  return length === 0 ? [] : [{ write: insert, expect: length }]
}

/** No row, or the guess was wrong; asked for if there is anything to ask. */
function none(count: number, write: Statement): Write[] {
  return count === 0 ? [] : [{ write, expect: 0 }]
}

function earliestOf({ missed }: Numbered): Value {
  return missed.map(({ at }) => at).sort()[0] ?? null
}
