import { columns, recordOfRow, type Row } from './rows.ts'
import { askedFor, selectOf, type Parties } from './select.ts'
import type { Database, Sql } from '../../database/index.ts'
import type { VoicemailRecord } from '../../projections/index.ts'
import type { VoicemailFilter } from './contract.ts'

/** Voicemails that a call tells of: callers leave one. */
const maxOfCall = 100

/** See `Voicemails.list`. */
export function list(db: Database, filter: VoicemailFilter): Promise<VoicemailRecord[]> {
  return db.transaction(async (sql) => {
    const rows = await rowsOf(sql, filter, await askedFor(sql, filter))
    return rows.map(recordOfRow)
  }, 'read')
}

/** Of each party the first ones, heard or not, along an index, and of those the first. */
async function rowsOf(
  sql: Sql,
  filter: VoicemailFilter,
  [first, ...others]: Parties,
): Promise<Row[]> {
  const found = await Promise.all(
    piecesOf(first, filter).map((piece) => {
      const { text, values } = selectOf(sql, filter, { ...piece, others })
      return sql.query<Listed>(text, ...values)
    }),
  )
  const rows = new Map(found.flat().map((row) => [row.id, row]))
  return [...rows.values()]
    .toSorted((one, other) => (isBefore(one, other) ? -1 : 1))
    .slice(0, filter.limit)
}

/** What lies together in an index. */
function piecesOf(parties: readonly string[] | undefined, { heard }: VoicemailFilter) {
  if (!parties) return [{ party: null, heard }]
  const either = heard === undefined ? [false, true] : [heard]
  return parties.flatMap((party) => either.map((one) => ({ party, heard: one })))
}

type Listed = Row & { readonly left_at: string }

/** Those that were left last come first. */
function isBefore(one: Listed, other: Listed): boolean {
  return one.left_at === other.left_at ? one.id > other.id : one.left_at > other.left_at
}

/** See `Voicemails.get`. */
export async function get(
  db: Database,
  app: string,
  id: string,
): Promise<VoicemailRecord | undefined> {
  const [row] = await db.query<Row>(
    `select ${columns} from voicemails where app = $1 and id = $2`,
    app,
    id,
  )
  return row && recordOfRow(row)
}

/** See `Voicemails.ofCall`. */
export async function ofCall(db: Database, app: string, call: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select id from voicemails where app = $1 and call = $2 order by left_at desc, id desc limit $3`,
    app,
    call,
    maxOfCall,
  )
  return rows.map(({ id }) => id).toReversed()
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
  return rows.map(recordOfRow)
}
