import { raise } from '../database/revisions.ts'
import { columns, name, traceOf, type Row } from './rows.ts'
import type { Database, Sql, Value } from '../database/index.ts'
import type { CallSlice, Lost, NewMessage, TracedCall } from './contract.ts'

type CallRow = Pick<TracedCall, 'call' | 'method' | 'upstream' | 'messages'> & {
  readonly from_aor: string
  readonly to_aor: string
  readonly started_at: string
  readonly last_at: string
}

/** A message, sealed. */
export interface SealedMessage extends Omit<NewMessage, 'message'> {
  readonly node: string
  /** `at` in RFC 3339. */
  readonly time: string
  readonly sealed: Uint8Array
}

interface Bounds {
  readonly messages: number
  readonly bytes: number
  /** RFC 3339. */
  readonly now: string
}

/** See `SipTraces.calls`. */
export async function calls(
  db: Database,
  app: string,
  { limit, after }: CallSlice,
): Promise<TracedCall[]> {
  const place: Value[] = after ? [after.startedAt, after.call] : []
  const rows = await db.query<CallRow>(
    `select call, method, from_aor, to_aor, upstream, started_at, last_at, messages
     from sip_calls where app = $1 ${after ? 'and (started_at, call) < ($3, $4)' : ''}
     order by started_at desc, call desc limit $2`,
    app,
    limit,
    ...place,
  )
  return rows.map(({ from_aor: from, to_aor: to, started_at, last_at, ...row }) => ({
    ...row,
    from,
    to,
    startedAt: started_at,
    lastAt: last_at,
  }))
}

/** The messages of a call in their order, and the traces that wrote them; null: there are none. */
export async function read(db: Database, ...[app, call, now]: [string, string, string]) {
  const rows = await db.query<{ at: number; trace: string; sealed: Uint8Array }>(
    'select at, trace, sealed from sip_messages where app = $1 and call = $2 order by at, node',
    app,
    call,
  )
  if (rows.length === 0) return null
  const ids = JSON.stringify([...new Set(rows.map(({ trace }) => trace))])
  const text = `select ${columns} from ${name} where app = $1 and id ${db.among('$2')}`
  const traces = await db.query<Row>(text, app, ids)
  return { rows, traces: traces.map((row) => traceOf(row, now)) }
}

interface Batch {
  readonly rows: readonly SealedMessage[]
  readonly lost: readonly Lost[]
}

/** See `SipTraces.write`. @returns whether a trace became full */
export async function write(db: Database, batch: Batch, bounds: Bounds): Promise<boolean> {
  const isNews = await db.transaction((sql) => writeAll(sql, batch, bounds))
  // Apart, for whoever starts a trace holds the revision and waits for the rows.
  if (isNews) await db.transaction((sql) => raise(sql, name))
  return isNews
}

async function writeAll(sql: Sql, { rows, lost }: Batch, bounds: Bounds): Promise<boolean> {
  const ofTraces = Map.groupBy(rows, ({ app, trace }) => `${app} ${trace}`)
  const lostOf = new Map(lost.map((one) => [`${one.app} ${one.trace}`, one.count]))
  const fitting: SealedMessage[] = []
  let isNews = false
  // Processes that write at the same time lock them in one order.
  for (const key of [...new Set([...ofTraces.keys(), ...lostOf.keys()])].toSorted()) {
    const [app, trace] = key.split(' ') as [string, string]
    const given = { app, trace, rows: ofTraces.get(key) ?? [], lost: lostOf.get(key) ?? 0 }
    const taken = await take(sql, given, bounds)
    fitting.push(...taken.rows)
    isNews ||= taken.isFull
  }
  await insertMessages(sql, fitting)
  return isNews
}

interface Given {
  readonly app: string
  readonly trace: string
  readonly rows: readonly SealedMessage[]
  readonly lost: number
}

interface Taken {
  readonly rows: readonly SealedMessage[]
  /** It became so. */
  readonly isFull: boolean
}

/** Counts messages in their trace. @returns those that fit */
async function take(sql: Sql, { app, trace, rows, lost }: Given, bounds: Bounds): Promise<Taken> {
  const bytes = rows.reduce((sum, { sealed }) => sum + sealed.length, 0)
  const [counted] = await sql.query<{ messages: number; bytes: number; is_full: number }>(
    `update ${name} set messages = messages + $3, bytes = bytes + $4, dropped = dropped + $5
     where app = $1 and id = $2 returning messages, bytes, is_full`,
    app,
    trace,
    rows.length,
    bytes,
    lost,
  )
  // It was removed meanwhile, with all that it wrote.
  if (!counted) return { rows: [], isFull: false }
  const room = {
    messages: bounds.messages - (counted.messages - rows.length),
    bytes: bounds.bytes - (counted.bytes - bytes),
  }
  const fitting = counted.is_full === 1 ? [] : fittingInto(room, rows)
  const excess = rows.slice(fitting.length)
  if (excess.length === 0) return { rows, isFull: false }
  await sql.query(
    `update ${name} set messages = messages - $3, bytes = bytes - $4, dropped = dropped + $3,
       is_full = 1, ends_at = case when ends_at < $5 then ends_at else $5 end
     where app = $1 and id = $2`,
    app,
    trace,
    excess.length,
    excess.reduce((sum, { sealed }) => sum + sealed.length, 0),
    bounds.now,
  )
  return { rows: fitting, isFull: counted.is_full === 0 }
}

/** As many as fit, in their order: what comes after one that does not is left out, too. */
function fittingInto(
  room: { readonly messages: number; readonly bytes: number },
  rows: readonly SealedMessage[],
): readonly SealedMessage[] {
  let bytes = 0
  const first = rows.findIndex(({ sealed }, index) => {
    bytes += sealed.length
    return index >= room.messages || bytes > room.bytes
  })
  return first < 0 ? rows : rows.slice(0, first)
}

async function insertMessages(sql: Sql, rows: readonly SealedMessage[]): Promise<void> {
  if (rows.length === 0) return
  const messages = rows.map(({ app, call, at, node, trace, sealed }) => ({
    app,
    call,
    at,
    node,
    trace,
    sealed,
  }))
  await sql.insert({ into: 'sip_messages', rows: messages })
  const ofCalls = Map.groupBy(rows, ({ app, call }) => `${app} ${call}`)
  for (const key of [...ofCalls.keys()].toSorted()) await noteCall(sql, ofCalls.get(key)!)
}

async function noteCall(sql: Sql, rows: readonly SealedMessage[]): Promise<void> {
  const [{ app, call, facts, time }, last] = [rows[0]!, rows.at(-1)!]
  await sql.query(
    `insert into sip_calls
       (app, call, trace, method, from_aor, to_aor, upstream, started_at, last_at, messages)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (app, call) do update set trace = excluded.trace, last_at = excluded.last_at,
       messages = sip_calls.messages + excluded.messages`,
    app,
    call,
    last.trace,
    facts.method,
    facts.from,
    facts.to,
    facts.upstream,
    time,
    last.time,
    rows.length,
  )
}
