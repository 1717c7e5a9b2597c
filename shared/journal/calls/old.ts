import { movesBetween, writeMoves, type Change } from './lists.ts'
import type { CallState } from '../../projections/index.ts'
import type { Database } from '../../database/index.ts'

/** Calls of a step: whoever else needs the store waits for it. */
const perStep = 200

interface Row {
  readonly id: string
  readonly state: string
  readonly first_seq: number
}

/** See `Calls.listOld`. */
export function listOld(db: Database): Promise<boolean> {
  return db.transaction(async (sql) => {
    const [place] = await sql.query<{ app: string; after: string | null }>(
      `select counters.app, after from counters left join calls_listed
       on calls_listed.app = counters.app
       where calls_listed.app is null or after is not null limit 1`,
    )
    if (!place) return false
    const { app } = place
    // Calls change only with the counter: what is listed here is what they are.
    await sql.query('update counters set seq = seq where app = $1', app)
    const rows = await sql.query<Row>(
      'select id, state, first_seq from calls where app = $1 and id > $2 order by id limit $3',
      app,
      place.after ?? '',
      perStep,
    )
    const changes = rows.map(({ state, first_seq: firstSeq }): Change => {
      return [undefined, { state: JSON.parse(state) as CallState, firstSeq }]
    })
    writeMoves(sql, movesBetween(app, changes))
    const after = rows.length < perStep ? null : rows.at(-1)!.id
    const conflict = { key: 'app', update: ['after'] }
    await sql.insert({ into: 'calls_listed', rows: [{ app, after }], conflict })
    return true
  })
}
