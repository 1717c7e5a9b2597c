import { createHash } from 'node:crypto'
import {
  forgetCaller,
  mergeVoicemails,
  voicemailKeyOf,
  voicemailOf,
  voicemailRecordOf,
  type VoicemailRecord,
  type VoicemailState,
} from '../projections/index.ts'
import type { Sql, Value } from '../database/index.ts'
import type { NewDelivery } from './contract.ts'
import type { Numbered } from './numbering.ts'

/** How long after a missed call a voicemail may be its own. */
const linkMs = 600_000
/** Voicemails that are looked at again when a missed call turns up; a caller leaves few in ten minutes. */
const maxRelinked = 100

interface Row {
  readonly id: string
  /** Its own call, or the one that it is linked to: then the columns that the link is made by are filled. */
  readonly call: string | null
  readonly first_seq: number
  readonly from_number: string | null
  readonly to_number: string | null
  readonly received_at: string | null
  readonly state: string
}

const columns = 'id, call, first_seq, from_number, to_number, received_at, state'

const overwrite = {
  key: 'app, id',
  update: ['call', 'from_number', 'to_number', 'received_at', 'state'],
}

/** A voicemail as the events of a batch tell it. */
interface Told {
  readonly state: VoicemailState
  readonly call: string | null
  readonly firstSeq: number
}

/** Writes what a batch tells of voicemails, and finds their calls among the missed ones, whichever came first. */
export async function keepVoicemails(
  sql: Sql,
  deliveries: readonly NewDelivery[],
  numbered: Numbered,
): Promise<void> {
  const { app, missed } = numbered
  const told = toldIn(deliveries, numbered)
  if (told.size > 0) await write(sql, app, told)
  if (told.size === 0 && missed.length === 0) return
  const waiting = await Promise.all([
    unlinked(sql, app, [...told.keys()]),
    ...missed.map(({ from, at }) => leftAfter(sql, app, { from, at })),
  ])
  const rows = new Map(waiting.flat().map((row) => [row.id, row]))
  await Promise.all([...rows.values()].map((row) => link(sql, app, row)))
}

function toldIn(deliveries: readonly NewDelivery[], { rows, book }: Numbered): Map<string, Told> {
  const told = new Map<string, Told>()
  for (const { id: delivery, events } of deliveries) {
    for (const [index, event] of events.entries()) {
      const key = voicemailKeyOf(event)
      if (key === null) continue
      const { seq, call } = rows.get(delivery)![index]!
      const before = told.get(idOf(key))
      const arrived = voicemailOf(event)
      told.set(idOf(key), {
        state: before ? mergeVoicemails(before.state, arrived) : arrived,
        call: call === null ? (before?.call ?? null) : book.resolve(call),
        firstSeq: before?.firstSeq ?? seq,
      })
    }
  }
  return told
}

/** A UUID of version 8 (RFC 9562 §5.8), made of what tells the voicemail from others. */
function idOf(key: string): string {
  const octets = createHash('sha256').update(key).digest().subarray(0, 16)
  octets[6] = (octets[6]! & 0x0f) | 0x80
  octets[8] = (octets[8]! & 0x3f) | 0x80
  const hex = octets.toString('hex')
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([a, b]) => hex.slice(a, b))
    .join('-')
}

async function write(sql: Sql, app: string, told: ReadonlyMap<string, Told>): Promise<void> {
  const stored = await sql.query<Row>(
    `select ${columns} from voicemails where app = $1 and id ${sql.among('$2')}`,
    app,
    JSON.stringify([...told.keys()]),
  )
  const known = new Map(stored.map((row) => [row.id, row]))
  const rows = [...told].map(([id, { state, call, firstSeq }]) => {
    const before = known.get(id)
    const merged = before
      ? mergeVoicemails(JSON.parse(before.state) as VoicemailState, state)
      : state
    const own = call ?? (before && before.from_number === null ? before.call : null)
    return rowOf(app, merged, {
      id,
      own,
      call: own ?? before?.call ?? null,
      firstSeq: before?.first_seq ?? firstSeq,
    })
  })
  void sql.insert({ into: 'voicemails', rows, conflict: overwrite })
}

interface Place {
  readonly id: string
  readonly own: string | null
  readonly call: string | null
  readonly firstSeq: number
}

/** The row of a voicemail; one without a call of its own says by what a call can be found. */
function rowOf(
  app: string,
  state: VoicemailState,
  { id, own, call, firstSeq }: Place,
): Readonly<Record<string, Value>> {
  const record = voicemailRecordOf(state, { id, call: null, linked_call: null })
  const { from, to, received_at } = record
  const toLink = own === null && from !== null && to !== null
  return {
    app,
    id,
    call: own === null && !toLink ? null : call,
    first_seq: firstSeq,
    from_number: toLink ? from : null,
    to_number: toLink ? to : null,
    received_at: toLink ? received_at : null,
    state: JSON.stringify(state),
  }
}

function unlinked(sql: Sql, app: string, ids: readonly string[]): Promise<Row[]> {
  return sql.query<Row>(
    `select ${columns} from voicemails
     where app = $1 and id ${sql.among('$2')} and from_number is not null`,
    app,
    JSON.stringify(ids),
  )
}

function leftAfter(
  sql: Sql,
  app: string,
  { from, at }: { from: string; at: string },
): Promise<Row[]> {
  return sql.query<Row>(
    `select ${columns} from voicemails
     where app = $1 and from_number = $2 and received_at between $3 and $4
     order by received_at limit $5`,
    app,
    from,
    at,
    shifted(at, linkMs),
    maxRelinked,
  )
}

/** Links it to the missed call that it belongs to, if there is exactly one; to none if not. */
async function link(sql: Sql, app: string, row: Row): Promise<void> {
  const received = row.received_at!
  const calls = await sql.query<{ id: string }>(
    `select id from calls
     where app = $1 and missed_from = $2 and missed_to = $3 and missed_at between $4 and $5 limit 2`,
    app,
    row.from_number,
    row.to_number,
    shifted(received, -linkMs),
    received,
  )
  const call = calls.length === 1 ? calls[0]!.id : null
  if (call === row.call) return
  void sql.query('update voicemails set call = $3 where app = $1 and id = $2', app, row.id, call)
}

/** A time so much later; one that is no time stays what it is, and finds nothing. */
function shifted(time: string, ms: number): string {
  const at = Date.parse(time) + ms
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : time
}

/** See `Journal.voicemails`. */
export async function readVoicemails(
  sql: Sql,
  app: string,
  limit: number,
): Promise<VoicemailRecord[]> {
  const rows = await sql.query<Row>(
    `select ${columns} from voicemails where app = $1 order by first_seq desc limit $2`,
    app,
    limit,
  )
  return rows.map(({ id, call, from_number, state }) => {
    const own = from_number === null ? call : null
    const place = { id, call: own, linked_call: from_number === null ? null : call }
    return voicemailRecordOf(JSON.parse(state) as VoicemailState, place)
  })
}

/** Removes a number from a page of voicemails, and what was said in those that have it. */
export async function forgetInVoicemails(
  sql: Sql,
  app: string,
  { number, after, limit }: { number: string; after: string; limit: number },
): Promise<{ next: string | null; count: number }> {
  const rows = await sql.query<Row>(
    `select ${columns} from voicemails where app = $1 and id > $2 order by id limit $3`,
    app,
    after,
    limit,
  )
  const changed = rows.flatMap(({ id, call, first_seq, from_number, state: text }) => {
    const before = JSON.parse(text) as VoicemailState
    const state = forgetCaller(before, number)
    const own = from_number === null ? call : null
    return state === before ? [] : [rowOf(app, state, { id, own, call: own, firstSeq: first_seq })]
  })
  if (changed.length > 0) {
    await sql.insert({ into: 'voicemails', rows: changed, conflict: overwrite })
  }
  return { next: rows.length < limit ? null : rows.at(-1)!.id, count: changed.length }
}
