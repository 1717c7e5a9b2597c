import { mergeVoicemails, type VoicemailState } from '../../projections/index.ts'
import { columns, writeVoicemails, type Kept, type Row } from './rows.ts'
import type { Database } from '../../database/index.ts'
import type { EventData } from '../../events/index.ts'

/** Voicemails of a step: whoever else needs the store waits for it. */
const perStep = 200

/** With the event that it began with, if that is still there. */
interface Old extends Row {
  readonly time: string | null
  readonly event: string | null
  readonly data: string | null
}

/** See `Voicemails.listOld`. Those of before do not say when they were left. */
export function listOld(db: Database): Promise<boolean> {
  return db.transaction(async (sql) => {
    const [place] = await sql.query<{ app: string }>(
      `select app from counters where exists (
         select 1 from voicemails where voicemails.app = counters.app and left_at = '') limit 1`,
    )
    if (!place) return false
    const { app } = place
    // Voicemails change only with the counter: what is listed here is what they are.
    await sql.query('update counters set seq = seq where app = $1', app)
    const rows = await sql.query<Old>(
      `select ${columns}, time, event, data from voicemails
       left join (select app as of, seq, id as event, time, data from events) told
       on told.of = voicemails.app and told.seq = first_seq
       where app = $1 and left_at = '' limit $2`,
      app,
      perStep,
    )
    writeVoicemails(sql, app, rows.map(keptOf))
    return true
  })
}

function keptOf(row: Old): Kept {
  const { id, call, first_seq: firstSeq, from_number } = row
  return { id, state: stateOf(row), own: from_number === null ? call : null, call, firstSeq }
}

/** Nobody noted for whom it was left, but its event tells. */
function stateOf({ state: text, time, event, data }: Old): VoicemailState {
  const state = JSON.parse(text) as VoicemailState
  const agent = data === null ? null : (JSON.parse(data) as EventData).agent
  if (!agent || time === null || event === null) return state
  return mergeVoicemails(state, { firsts: [], lasts: [{ at: [time, 0, event], said: { agent } }] })
}
