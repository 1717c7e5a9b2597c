import { movesOf, writeMoves } from './calls/lists.ts'
import { keepConflicts } from './conflicts.ts'
import { loadKnown } from './known.ts'
import { callIdsOf, countOf, number, type Numbered, type Place } from './numbering.ts'
import { aliasRows, callRows, deliveryRows, eventRows, overwriteCall } from './rows.ts'
import { keepVoicemails } from './voicemails/keep.ts'
import type { Sql } from '../database/index.ts'
import type { NewDelivery } from './contract.ts'

/** What an append did. */
export interface Done {
  /** The ids of the deliveries that were no duplicates. */
  readonly fresh: ReadonlySet<string>
  /** The ids of those that contradict what was known by their key. */
  readonly conflicts: ReadonlySet<string>
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
  const known = batch.filter(({ id }) => !fresh.has(id))
  const conflicts = known.length === 0 ? new Set<string>() : await keepConflicts(sql, known)
  const byApp = Map.groupBy(
    batch.filter(({ id, events }) => fresh.has(id) && events.length > 0),
    ({ app }) => app,
  )
  // Two writers that lock several apps' counters take them in the same order.
  const names = [...byApp.keys()].sort()
  const apps = await Promise.all(names.map((app) => appendApp(sql, app, byApp.get(app)!)))
  return { fresh, conflicts, apps }
}

/** Numbers and writes the events of deliveries that are there already. */
export async function appendApp(
  sql: Sql,
  app: string,
  deliveries: readonly NewDelivery[],
): Promise<Numbered> {
  const count = countOf(deliveries)
  // The calls are read after the counter's lock was taken: no other writer changes them from then on.
  const [after, known] = await Promise.all([
    takeNumbers(sql, app, count),
    loadKnown(sql, app, callIdsOf(deliveries)),
  ])
  const before = { ...after, head: after.head - count }
  const numbered = number(deliveries, { app, before, known })
  // The transaction waits for all of it.
  void sql.insert({ into: 'events', rows: eventRows(numbered) })
  writeCalls(sql, numbered)
  await keepVoicemails(sql, deliveries, numbered)
  return numbered
}

function writeCalls(sql: Sql, numbered: Numbered): void {
  const { app, book, missed } = numbered
  const withMissed = missed.length > 0
  const rows = callRows(app, [...book.calls], withMissed)
  if (rows.length > 0) void sql.insert({ into: 'calls', rows, conflict: overwriteCall(withMissed) })
  writeMoves(sql, movesOf(numbered))
  for (const gone of book.gone.keys()) if (book.has(gone)) moveCall(sql, numbered, gone)
  const aliases = aliasRows(numbered)
  if (aliases.length === 0) return
  const conflict = { key: 'app, alias', update: ['call'] }
  void sql.insert({ into: 'call_aliases', rows: aliases, conflict })
}

/** What led to a call leads to the one that it is a part of. */
function moveCall(sql: Sql, { app, book }: Numbered, gone: string): void {
  const call = book.resolve(gone)
  void sql.query('delete from calls where app = $1 and id = $2', app, gone)
  for (const table of ['call_aliases', 'voicemails']) {
    void sql.query(`update ${table} set call = $3 where app = $1 and call = $2`, app, gone, call)
  }
}

/** @returns the app's place with the numbers taken */
async function takeNumbers(sql: Sql, app: string, count: number): Promise<Place> {
  const [counter] = await sql.query<{ seq: number; revision: number }>(
    'update counters set seq = seq + $2 where app = $1 returning seq, revision',
    app,
    count,
  )
  if (!counter) throw new Error(`app ${app} has no counter`)
  return { head: counter.seq, revision: counter.revision }
}
