import { callIdsOf, countOf, number, unknownCall } from './numbering.ts'
import { callRows, deliveryRows, eventRows } from './rows.ts'
import type { Sql } from '../database/index.ts'
import type { CallState } from '../projections/index.ts'
import type { NewDelivery } from './contract.ts'
import type { KnownCall, Numbered } from './numbering.ts'

/** What an append did. */
export interface Done {
  /** The ids of the deliveries that were no duplicates. */
  readonly fresh: ReadonlySet<string>
  /** What those with events brought, by app. */
  readonly apps: readonly Numbered[]
}

/**
 * Appends a batch inside a transaction. Deliveries first: the unique key decides which are new, under any
 * race. Counter second: only what is new takes numbers, so no rollback or duplicate leaves a hole.
 */
export async function appendLocked(sql: Sql, batch: readonly NewDelivery[]): Promise<Done> {
  const inserted = await sql.insert<{ id: string }>({
    into: 'deliveries',
    rows: deliveryRows(batch),
    conflict: 'ignore',
    returning: 'id',
  })
  const fresh = new Set(inserted.map(({ id }) => id))
  const byApp = Map.groupBy(
    batch.filter(({ id, events }) => fresh.has(id) && events.length > 0),
    ({ app }) => app,
  )
  // Two writers that lock several apps' counters take them in the same order.
  const names = [...byApp.keys()].sort()
  const apps = await Promise.all(names.map((app) => appendApp(sql, app, byApp.get(app)!)))
  return { fresh, apps }
}

async function appendApp(
  sql: Sql,
  app: string,
  deliveries: readonly NewDelivery[],
): Promise<Numbered> {
  const count = countOf(deliveries)
  // The calls are read after the counter's lock was taken: no other writer changes them from then on.
  const [last, known] = await Promise.all([
    takeNumbers(sql, app, count),
    loadCalls(sql, app, callIdsOf(deliveries)),
  ])
  const numbered = number(deliveries, { app, after: last - count, known })
  // The transaction waits for both.
  void sql.insert({ into: 'events', rows: eventRows(numbered) })
  const calls = callRows(app, numbered.calls)
  if (calls.length > 0) void sql.insert({ into: 'calls', rows: calls, conflict: overwriteCall })
  return numbered
}

/** A call keeps the number it began with. */
export const overwriteCall = { key: 'app, id', update: ['live', 'state'] } as const

/** @returns the last of the numbers taken */
async function takeNumbers(sql: Sql, app: string, count: number): Promise<number> {
  const [counter] = await sql.query<{ seq: number }>(
    'update counters set seq = seq + $2 where app = $1 returning seq',
    app,
    count,
  )
  if (!counter) throw new Error(`app ${app} has no counter`)
  return counter.seq
}

async function loadCalls(
  sql: Sql,
  app: string,
  ids: ReadonlySet<string>,
): Promise<Map<string, KnownCall>> {
  const rows = await sql.query<{ id: string; state: string; first_seq: number }>(
    `select id, state, first_seq from calls where app = $1 and id ${sql.among('$2')}`,
    app,
    JSON.stringify([...ids]),
  )
  const calls = new Map([...ids].map((id) => [id, unknownCall]))
  for (const { id, state, first_seq } of rows) {
    calls.set(id, { state: JSON.parse(state) as CallState, firstSeq: first_seq })
  }
  return calls
}
