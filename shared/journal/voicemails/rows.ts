import { voicemailRecordOf, type VoicemailRecord } from '../../projections/index.ts'
import { partiesOf } from './parties.ts'
import type { Sql, Value } from '../../database/index.ts'
import type { VoicemailState } from '../../projections/index.ts'

export interface Row {
  readonly id: string
  /** Its own call, or the one that it is linked to: then the columns that the link is made by are filled. */
  readonly call: string | null
  readonly first_seq: number
  readonly from_number: string | null
  readonly to_number: string | null
  readonly received_at: string | null
  readonly state: string
}

export const columns = 'id, call, first_seq, from_number, to_number, received_at, state'

const overwrite = {
  key: 'app, id',
  update: ['call', 'from_number', 'to_number', 'received_at', 'left_at', 'heard', 'state'],
}

/** A voicemail, and where it stands. */
export interface Kept {
  readonly id: string
  readonly state: VoicemailState
  /** The call that the provider told; null: one can be found, and `call` is what was found. */
  readonly own: string | null
  readonly call: string | null
  readonly firstSeq: number
}

/** Writes voicemails, and by whom each can be found. */
export function writeVoicemails(sql: Sql, app: string, kept: readonly Kept[]): void {
  if (kept.length === 0) return
  const records = kept.map(({ id, state }) => recordOf(state, id))
  const rows = kept.map((one, index) => rowOf(app, one, records[index]!))
  // The transaction waits for all of it.
  void sql.insert({ into: 'voicemails', rows, conflict: overwrite })
  const ids = JSON.stringify(kept.map(({ id }) => id))
  const among = sql.among('$2')
  void sql.query(`delete from voicemail_parties where app = $1 and voicemail ${among}`, app, ids)
  const parties = records.flatMap((record) =>
    partiesOf(record).map((party) => {
      const { id: voicemail, received_at: left_at, heard } = record
      return { app, party, heard: heard ? 1 : 0, left_at, voicemail }
    }),
  )
  if (parties.length > 0) void sql.insert({ into: 'voicemail_parties', rows: parties })
}

/** One without a call of its own says by what a call can be found. */
function rowOf(
  app: string,
  { id, own, call, firstSeq, state }: Kept,
  { from, to, received_at, heard }: VoicemailRecord,
): Readonly<Record<string, Value>> {
  const toLink = own === null && from !== null && to !== null
  return {
    app,
    id,
    call: own === null && !toLink ? null : call,
    first_seq: firstSeq,
    from_number: toLink ? from : null,
    to_number: toLink ? to : null,
    received_at: toLink ? received_at : null,
    left_at: received_at,
    heard: heard ? 1 : 0,
    state: JSON.stringify(state),
  }
}

/** A row as clients see it. */
export function recordOfRow({ id, call, from_number, state: text }: Row): VoicemailRecord {
  const place =
    from_number === null ? { call, linked_call: null } : { call: null, linked_call: call }
  return voicemailRecordOf(JSON.parse(text) as VoicemailState, { id, ...place })
}

function recordOf(state: VoicemailState, id: string): VoicemailRecord {
  return voicemailRecordOf(state, { id, call: null, linked_call: null })
}
