import { ourselves } from '../../projections/index.ts'
import type { Database, Sql, Value } from '../../database/index.ts'
import type {
  DeliveryFilter,
  DeliveryItem,
  DeliveryPage,
  DeliveryRange,
  DeliveryStatus,
  KeptDelivery,
} from './contract.ts'

interface Row {
  readonly id: string
  readonly app: string
  readonly provider: string
  readonly dedupe_key: string
  readonly verdict: string
  readonly reason: string | null
  readonly received_at: string
  readonly bytes: number
}

const columns =
  'id, app, provider, dedupe_key, verdict, reason, received_at, length(sealed) as bytes'
/** Octets in a page of what was said. */
const maxOctets = 8_388_608

/** Each is the condition of an index, so a page is read along one. */
const kept = 'length(sealed) > 0'
const purged = 'length(sealed) = 0'
const lists: Readonly<Record<DeliveryStatus, string>> = {
  accepted: `${kept} and verdict = 'accepted'`,
  quarantined: `verdict <> 'accepted' and ${kept} and verdict = 'quarantined'`,
  conflict: `verdict <> 'accepted' and ${kept} and verdict = 'conflict'`,
  duplicate: `verdict <> 'accepted' and ${kept} and verdict = 'duplicate'`,
  purged,
}

/** See `Deliveries.list`. */
export async function list(
  db: Database,
  { app, status, provider, after, limit }: DeliveryFilter,
): Promise<DeliveryPage<DeliveryItem>> {
  const [time, id] = placeOf(after) ?? ['~', '']
  const values: Value[] = [app, ourselves, time, id, limit + 1]
  if (provider !== undefined) values.push(provider)
  const select = (condition: string): string =>
    `select ${columns} from deliveries
     where app = $1 and ${condition} and provider <> $2 and (received_at, id) < ($3, $4)
     ${provider === undefined ? '' : 'and provider = $6'}
     order by received_at desc, id desc limit $5`
  const conditions = status === undefined ? [kept, purged] : [lists[status]]
  const found = await Promise.all(
    conditions.map((condition) => db.query<Row>(select(condition), ...values)),
  )
  const rows = found.flat().sort((a, b) => (isAfter(a, b) ? -1 : 1))
  return { items: rows.slice(0, limit).map(itemOf), next: nextOf(rows, limit) }
}

/** See `Deliveries.get`. */
export async function get(
  db: Database,
  app: string,
  id: string,
): Promise<KeptDelivery | undefined> {
  const [row] = await db.query<Row>(
    `select ${columns} from deliveries where app = $1 and id = $2`,
    app,
    id,
  )
  if (!row) return undefined
  const [delivery] = await withContents(db, [row])
  return delivery
}

/** See `Deliveries.range`. */
export async function range(
  db: Database,
  app: string,
  { from, to, call, after, limit }: DeliveryRange,
): Promise<DeliveryPage<KeptDelivery>> {
  const [time, id] = beginOf(from, after)
  const values: Value[] = [app, ourselves, time, id, limit + 1, to]
  if (call !== undefined) values.push(call)
  const texts = call === undefined ? rangesByTime : [rangeOfCall]
  const found = await Promise.all(texts.map((text) => db.query<Row>(text, ...values)))
  const rows = found.flat().sort((a, b) => (isAfter(a, b) ? 1 : -1))
  const fitting = fittingOf(rows.slice(0, limit))
  return { items: await withContents(db, fitting), next: nextOf(rows, fitting.length) }
}

/** One bound alone: of two an engine might begin with the one that is further away. */
function beginOf(from: string, after: string | undefined): [time: string, id: string] {
  const place = placeOf(after)
  return place && place[0] >= from ? place : [from, '']
}

function selectRange(source: string, condition: string): string {
  return `select ${columns} from ${source}
    where app = $1 and ${condition} and provider <> $2 and (received_at, id) > ($3, $4)
    and received_at <= $6 order by received_at, id limit $5`
}

export const rangesByTime = [kept, purged].map((condition) => selectRange('deliveries', condition))

/**
 * Of every id that the call has: its own, those that lead to it, those of calls that became a part of it. The cross
 * join says in which order: an embedded store would go through all deliveries for those of the call.
 */
export const rangeOfCall = selectRange(
  `(select distinct delivery from events where app = $1 and call in (
    select $7 union all
    select call from call_aliases where app = $1 and alias = $7 union all
    select alias from call_aliases where app = $1 and call = $7 union all
    select b.alias from call_aliases a join call_aliases b on b.app = a.app and b.call = a.call
      where a.app = $1 and a.alias = $7)) told cross join deliveries`,
  'id = told.delivery',
)

function itemOf(row: Row): DeliveryItem {
  return {
    id: row.id,
    app: row.app,
    provider: row.provider,
    dedupeKey: row.dedupe_key,
    status: row.bytes === 0 ? 'purged' : (row.verdict as DeliveryStatus),
    reason: row.reason,
    receivedAt: row.received_at,
    bytes: row.bytes,
  }
}

async function withContents(db: Database, rows: readonly Row[]): Promise<KeptDelivery[]> {
  const ids = JSON.stringify(rows.map(({ id }) => id))
  const [contents, events] = await Promise.all([
    db.query<{ id: string; sealed: Uint8Array }>(
      `select id, sealed from deliveries where id ${db.among('$1')}`,
      ids,
    ),
    eventsOf(db, ids),
  ])
  const sealed = new Map(contents.map((one) => [one.id, one.sealed]))
  const ofDelivery = Map.groupBy(events, ({ delivery }) => delivery)
  return rows.map((row) => ({
    ...itemOf(row),
    sealed: sealed.get(row.id)!,
    events: (ofDelivery.get(row.id) ?? []).map(({ id }) => id),
  }))
}

/** The ids of events begin with the provider and the key of their delivery, so no index need say whose they are. */
function eventsOf(sql: Sql, ids: string): Promise<{ id: string; delivery: string }[]> {
  return sql.query(
    `select e.id, e.delivery from deliveries d join events e
     on e.app = d.app and e.id >= d.provider || ':' || d.dedupe_key
     and e.id < d.provider || ':' || d.dedupe_key || '$'
     where d.id ${sql.among('$1')} and e.delivery = d.id order by e.seq`,
    ids,
  )
}

/** What fits a page, at least one. */
function fittingOf(rows: readonly Row[]): readonly Row[] {
  let left = maxOctets
  const full = rows.findIndex(({ bytes }) => (left -= bytes) < 0)
  return full === -1 ? rows : rows.slice(0, Math.max(1, full))
}

function isAfter(a: Row, b: Row): boolean {
  return a.received_at === b.received_at ? a.id > b.id : a.received_at > b.received_at
}

function nextOf(rows: readonly Row[], shown: number): string | null {
  const last = rows[shown - 1]
  return rows.length > shown && last ? `${last.received_at}_${last.id}` : null
}

function placeOf(after: string | undefined): [time: string, id: string] | undefined {
  const [time, id] = after?.split('_') ?? []
  return time && id ? [time, id] : undefined
}
