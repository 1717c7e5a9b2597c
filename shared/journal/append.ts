import { isLate, mergeCalls, recordOf, stateOf, type CallState } from '../projections/index.ts'
import type { Sql } from '../database/index.ts'
import type { CallEvent, EventData } from '../events/index.ts'
import type { Appended, JournalRow, NewDelivery } from './contract.ts'

interface KnownCall {
  state: CallState | null
  firstSeq: number
}

/**
 * Appends a batch inside a transaction. Deliveries first: the unique key decides which are new, under any
 * race. Counter second: only what is new takes numbers, so no rollback or duplicate leaves a hole.
 */
export async function appendTo(sql: Sql, batch: readonly NewDelivery[]): Promise<Appended[]> {
  const fresh = await insertDeliveries(sql, batch)
  const byApp = Map.groupBy(
    batch.filter((delivery) => fresh.has(delivery.id)),
    (delivery) => delivery.app,
  )
  // Two writers that lock several apps' counters take them in the same order.
  const apps = [...byApp.keys()].sort()
  const numbered = await Promise.all(apps.map((app) => appendApp(sql, app, byApp.get(app)!)))
  const rows = new Map(numbered.flatMap((ofApp) => [...ofApp]))
  return batch.map((delivery): Appended => {
    if (delivery.quarantine !== null) return { status: 'quarantined' }
    const accepted = rows.get(delivery.id)
    return accepted ? { status: 'accepted', rows: accepted } : { status: 'duplicate' }
  })
}

async function insertDeliveries(sql: Sql, batch: readonly NewDelivery[]): Promise<Set<string>> {
  // In the order of their keys: two batches with the same copies wait for each other, never in a circle.
  const sorted = batch.toSorted((a, b) => (a.dedupeKey < b.dedupeKey ? -1 : 1))
  const rows = sorted.map((delivery) => ({
    id: delivery.id,
    app: delivery.app,
    provider: delivery.provider,
    dedupe_key: delivery.dedupeKey,
    verdict: delivery.quarantine === null ? 'accepted' : 'quarantined',
    reason: delivery.quarantine,
    received_at: delivery.receivedAt,
    sealed: delivery.sealed,
  }))
  const inserted = await sql.insert<{ id: string }>({
    into: 'deliveries',
    rows,
    conflict: 'ignore',
    returning: 'id',
  })
  return new Set(inserted.map((row) => row.id))
}

async function appendApp(
  sql: Sql,
  app: string,
  deliveries: readonly NewDelivery[],
): Promise<Map<string, JournalRow[]>> {
  const events = deliveries.flatMap((delivery) =>
    delivery.events.map((event) => ({ event, delivery: delivery.id })),
  )
  const numbered = new Map(deliveries.map(({ id }): [string, JournalRow[]] => [id, []]))
  if (events.length === 0) return numbered
  // The calls are read after the counter's lock was taken: no other writer changes them from then on.
  const [last, calls] = await Promise.all([
    takeNumbers(sql, app, events.length),
    loadCalls(sql, app, events),
  ])
  let seq = last - events.length
  for (const { event, delivery } of events) {
    numbered.get(delivery)!.push(numberEvent({ event, delivery, seq: ++seq, calls }))
  }
  insertEvents(sql, app, numbered)
  saveCalls(sql, app, calls)
  return numbered
}

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
  events: readonly { event: CallEvent }[],
): Promise<Map<string, KnownCall>> {
  const ids = new Set(events.flatMap(({ event }) => (event.callId === null ? [] : [event.callId])))
  const rows = await sql.query<{ id: string; state: string; first_seq: number }>(
    `select id, state, first_seq from calls where app = $1 and id ${sql.among('$2')}`,
    app,
    JSON.stringify([...ids]),
  )
  const calls = new Map(
    [...ids].map((id): [string, KnownCall] => [id, { state: null, firstSeq: 0 }]),
  )
  for (const row of rows) {
    calls.set(row.id, { state: JSON.parse(row.state) as CallState, firstSeq: row.first_seq })
  }
  return calls
}

interface Numbering {
  readonly event: CallEvent
  readonly delivery: string
  readonly seq: number
  readonly calls: Map<string, KnownCall>
}

/** Merges the event into its call and writes down what the record is after it. */
function numberEvent({ event, delivery, seq, calls }: Numbering): JournalRow {
  const call = event.callId === null ? undefined : calls.get(event.callId)
  const late = call !== undefined && isLate(call.state, event)
  if (call) {
    const arrived = stateOf({ ...event, seq })
    call.state = call.state ? mergeCalls(call.state, arrived) : arrived
    call.firstSeq ||= seq
  }
  const data = JSON.stringify(dataOf(event, delivery, call?.state ?? null))
  return { seq, id: event.id, type: event.type, time: event.time, call: event.callId, late, data }
}

function dataOf(event: CallEvent, delivery: string, state: CallState | null): EventData {
  const record = state && recordOf(state)
  return {
    call: record && {
      id: record.id,
      provider: record.provider,
      provider_ids: { ...event.providerIds },
    },
    leg_id: event.legId,
    direction: event.direction,
    from: event.from,
    to: event.to,
    agent: event.agent,
    state: record && { phase: record.phase, held: record.held, reason: record.reason },
    details: event.details,
    raw_type: event.rawType,
    raw_ref: delivery,
  }
}

/** The transaction waits for the statement. */
function insertEvents(
  sql: Sql,
  app: string,
  numbered: ReadonlyMap<string, readonly JournalRow[]>,
): void {
  const rows = [...numbered].flatMap(([delivery, events]) =>
    events.map((event) => ({ app, delivery, ...event, late: event.late ? 1 : 0 })),
  )
  void sql.insert({ into: 'events', rows })
}

/** The transaction waits for the statement. */
function saveCalls(sql: Sql, app: string, calls: ReadonlyMap<string, KnownCall>): void {
  const rows = [...calls].flatMap(([id, { state, firstSeq }]) =>
    state === null
      ? []
      : [
          {
            app,
            id,
            live: recordOf(state).phase === 'ended' ? 0 : 1,
            first_seq: firstSeq,
            state: JSON.stringify(state),
          },
        ],
  )
  if (rows.length === 0) return
  void sql.insert({
    into: 'calls',
    rows,
    conflict: { key: 'app, id', update: ['live', 'state'] },
  })
}
