import { recordOf, type CallState } from '../projections/index.ts'
import type { Sql } from '../database/index.ts'
import type { KnownCall, KnownCalls } from './book.ts'

interface CallRow {
  readonly id: string
  readonly state: string
  readonly first_seq: number
  readonly touched_at: string | null
  readonly live: number
  readonly missed_from: string | null
  readonly missed_to: string | null
  readonly missed_at: string | null
}

const columns = 'id, state, first_seq, touched_at, live, missed_from, missed_to, missed_at'

/** The calls that any of these ids leads to, in one round trip. */
export async function loadKnown(
  sql: Sql,
  app: string,
  ids: ReadonlySet<string>,
): Promise<KnownCalls> {
  if (ids.size === 0) return { calls: new Map(), aliases: new Map() }
  const list = JSON.stringify([...ids])
  const among = sql.among('$2')
  const [aliases, own, others] = await Promise.all([
    sql.query<{ alias: string; call: string }>(
      `select alias, call from call_aliases where app = $1 and alias ${among}`,
      app,
      list,
    ),
    sql.query<CallRow>(`select ${columns} from calls where app = $1 and id ${among}`, app, list),
    sql.query<CallRow>(
      `select ${columns} from calls where app = $1 and not (id ${among})
       and id in (select call from call_aliases where app = $1 and alias ${among})`,
      app,
      list,
    ),
  ])
  return {
    calls: new Map([...own, ...others].map((row) => [row.id, knownCallOf(row)])),
    aliases: new Map(aliases.map(({ alias, call }) => [alias, call])),
  }
}

function knownCallOf(row: CallRow): KnownCall {
  const { missed_from: from, missed_to: to, missed_at: at } = row
  return {
    state: JSON.parse(row.state) as CallState,
    firstSeq: row.first_seq,
    touchedAt: row.touched_at,
    live: row.live === 1,
    missed: from === null || to === null || at === null ? null : { from, to, at },
  }
}

/** A call with the event of it that happened last. */
export interface SilentCall {
  readonly id: string
  readonly lastSeq: number
  readonly lastTime: string
}

/** Live calls of which nothing was received since a time, the oldest first. The number of live calls is small. */
export async function silentCalls(
  sql: Sql,
  app: string,
  { before, limit }: { before: string; limit: number },
): Promise<SilentCall[]> {
  const rows = await sql.query<CallRow>(
    `select ${columns} from calls
     where app = $1 and live = 1 and (touched_at is null or touched_at < $2)
     order by first_seq limit $3`,
    app,
    before,
    limit,
  )
  return rows.flatMap((row) => {
    const { last_event } = recordOf(JSON.parse(row.state) as CallState, row.id)
    // A call of a time when nobody noted what was received.
    if (row.touched_at === null && last_event.time >= before) return []
    return [{ id: row.id, lastSeq: last_event.seq, lastTime: last_event.time }]
  })
}
