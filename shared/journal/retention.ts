import { leaveLists } from './calls/lists.ts'
import type { Database, Sql } from '../database/index.ts'
import type { Pruned, PruneOptions } from './contract.ts'

interface Row {
  readonly seq: number
  readonly call: string | null
  readonly received_at: string
}

/** See `Journal.prune`. */
export async function prune(
  db: Database,
  app: string,
  { before, limit }: PruneOptions,
): Promise<Pruned> {
  const rows = await db.query<Row>(
    `select seq, call, received_at from events join deliveries on deliveries.id = events.delivery
     where events.app = $1 order by seq limit $2`,
    app,
    limit,
  )
  const young = rows.findIndex(({ received_at }) => received_at >= before)
  const old = young === -1 ? rows : rows.slice(0, young)
  const last = old.at(-1)
  if (!last) return { events: 0, calls: 0, voicemails: 0 }
  return db.transaction(async (sql) => {
    // Calls change only with the counter: nobody tells of one while it is judged.
    await sql.query('update counters set seq = seq where app = $1', app)
    const events = await sql.query(
      'delete from events where app = $1 and seq <= $2 returning seq',
      app,
      last.seq,
    )
    void sql.query('delete from milestones where app = $1 and seq <= $2', app, last.seq)
    const told = new Set(old.flatMap(({ call }) => call ?? []))
    return {
      events: events.length,
      calls: await dropCalls(sql, app, told),
      voicemails: await dropVoicemails(sql, app, { before, upTo: last.seq, limit }),
    }
  })
}

/** Takes away the ended calls that no event tells of any more. */
async function dropCalls(sql: Sql, app: string, told: ReadonlySet<string>): Promise<number> {
  const among = sql.among('$2')
  const dropped = await sql.query<{ id: string; state: string; first_seq: number }>(
    `delete from calls where app = $1 and live = 0
     and (id ${among} or id in (select call from call_aliases where app = $1 and alias ${among}))
     and not exists (select 1 from events where events.app = $1 and events.call = calls.id)
     and not exists (
       select 1 from call_aliases join events on events.app = $1 and events.call = call_aliases.alias
       where call_aliases.app = $1 and call_aliases.call = calls.id)
     returning id, state, first_seq`,
    app,
    JSON.stringify([...told]),
  )
  if (dropped.length === 0) return 0
  const ids = JSON.stringify(dropped.map(({ id }) => id))
  leaveLists(sql, app, dropped)
  void sql.query(`delete from call_aliases where app = $1 and call ${among}`, app, ids)
  // What processes remember of them is void.
  void sql.query('update counters set revision = revision + 1 where app = $1', app)
  return dropped.length
}

interface Old {
  readonly before: string
  /** The last event that was taken away. */
  readonly upTo: number
  readonly limit: number
}

/** Takes away the voicemails that began with events which are no more. */
async function dropVoicemails(
  sql: Sql,
  app: string,
  { before, upTo, limit }: Old,
): Promise<number> {
  const dropped = await sql.query<{ id: string }>(
    `delete from voicemails where app = $1 and id in (
       select id from voicemails where app = $1 and left_at < $2 and first_seq <= $3
       order by left_at limit $4) returning id`,
    app,
    before,
    upTo,
    limit,
  )
  if (dropped.length === 0) return 0
  const ids = JSON.stringify(dropped.map(({ id }) => id))
  void sql.query(
    `delete from voicemail_parties where app = $1 and voicemail ${sql.among('$2')}`,
    app,
    ids,
  )
  return dropped.length
}
