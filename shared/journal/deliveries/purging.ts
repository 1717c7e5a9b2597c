import { movesBetween, writeMoves } from '../calls/lists.ts'
import { loadKnown } from '../known.ts'
import { missedOf } from '../numbering.ts'
import { callRows, overwriteCall } from '../rows.ts'
import { forgetInVoicemails } from '../voicemails/forget.ts'
import { forgetNumber, recordOf } from '../../projections/index.ts'
import { isIn, tombstoneOf } from './tombstone.ts'
import type { EventData } from '../../events/index.ts'
import type { Database, Sql } from '../../database/index.ts'
import type { Purged } from './contract.ts'

const blank = new Uint8Array()

/** See `Deliveries.purgeOlderThan`. */
export async function purgeOlderThan(
  db: Database,
  ...[app, before, limit]: [app: string, before: string, limit: number]
): Promise<number> {
  const rows = await db.query(
    `update deliveries set sealed = $4 where id in (
       select id from deliveries where app = $1 and length(sealed) > 0 and received_at < $2
       order by received_at, id limit $3) returning id`,
    app,
    before,
    limit,
    blank,
  )
  return rows.length
}

/** See `Deliveries.purgeDelivery`. */
export async function purgeDelivery(db: Database, app: string, id: string): Promise<boolean> {
  return (await blankDeliveries(db, app, [id])) > 0
}

interface Step {
  readonly number: string
  /** The event after which to look, and how many are looked at. */
  readonly after: number
  readonly limit: number
}

interface Row {
  readonly seq: number
  readonly call: string | null
  readonly delivery: string
  readonly data: string
}

/** Removes a number from a page of events and from what they add up to. `next`: where to go on, null at the end. */
export async function purgeEvents(
  db: Database,
  app: string,
  { number, after, limit }: Step,
): Promise<{ next: number | null; purged: Purged }> {
  const rows = await db.query<Row>(
    `select seq, call, delivery, data from events where app = $1 and seq > $2 order by seq limit $3`,
    app,
    after,
    limit,
  )
  const next = rows.length < limit ? null : rows.at(-1)!.seq
  const hits = rows.filter(({ data }) => isIn(data, number))
  const none = { deliveries: 0, events: 0, calls: 0, voicemails: 0 }
  if (hits.length === 0) return { next, purged: none }
  return { next, purged: await db.transaction((sql) => purgeRows(sql, app, { number, hits })) }
}

async function purgeRows(
  sql: Sql,
  app: string,
  { number, hits }: { number: string; hits: readonly Row[] },
): Promise<Purged> {
  await lock(sql, app)
  for (const { seq, data } of hits) {
    const text = JSON.stringify(tombstoneOf(JSON.parse(data) as EventData))
    void sql.query('update events set data = $3 where app = $1 and seq = $2', app, seq, text)
  }
  const deliveries = [...new Set(hits.map(({ delivery }) => delivery))]
  return {
    events: hits.length,
    deliveries: await blankDeliveries(sql, app, deliveries),
    calls: await forgetInCalls(sql, app, { number, hits }),
    voicemails: 0,
  }
}

/** Removes a number from a page of voicemails. `next`: where to go on, null at the end. */
export function purgeVoicemails(
  db: Database,
  app: string,
  page: { readonly number: string; readonly after: string; readonly limit: number },
): Promise<{ next: string | null; count: number }> {
  return db.transaction(async (sql) => {
    await lock(sql, app)
    return forgetInVoicemails(sql, app, page)
  })
}

/** Records change without an event: nobody else writes now, and what processes remember of them is void. */
async function lock(sql: Sql, app: string): Promise<void> {
  await sql.query('update counters set revision = revision + 1 where app = $1', app)
}

async function blankDeliveries(sql: Sql, app: string, ids: readonly string[]): Promise<number> {
  const rows = await sql.query(
    `update deliveries set sealed = $3
     where app = $1 and id ${sql.among('$2')} and length(sealed) > 0 returning id`,
    app,
    JSON.stringify(ids),
    blank,
  )
  return rows.length
}

async function forgetInCalls(
  sql: Sql,
  app: string,
  { number, hits }: { number: string; hits: readonly Row[] },
): Promise<number> {
  const ids = new Set(hits.flatMap(({ call }) => call ?? []))
  const { calls } = await loadKnown(sql, app, ids)
  const changed = [...calls].flatMap(([id, call]) => {
    const state = forgetNumber(call.state, number)
    return state === call.state
      ? []
      : [[id, { ...call, state, missed: missedOf(recordOf(state, id)) }] as const]
  })
  if (changed.length === 0) return 0
  writeMoves(
    sql,
    movesBetween(
      app,
      changed.map(([id, call]) => [calls.get(id), call]),
    ),
  )
  const rows = callRows(app, changed, true)
  await sql.insert({ into: 'calls', rows, conflict: overwriteCall(true) })
  return changed.length
}
