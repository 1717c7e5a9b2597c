import { mergeVoicemails, voicemailOf, type VoicemailState } from '../../projections/index.ts'
import { voicemailIdOf } from './id.ts'
import { leftAfter, link, unlinked } from './link.ts'
import { columns, writeVoicemails, type Kept, type Row } from './rows.ts'
import type { Sql } from '../../database/index.ts'
import type { NewDelivery } from '../contract.ts'
import type { Numbered } from '../numbering.ts'

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
      const id = voicemailIdOf(event)
      if (id === null) continue
      const { seq, call } = rows.get(delivery)![index]!
      const before = told.get(id)
      const arrived = voicemailOf(event)
      told.set(id, {
        state: before ? mergeVoicemails(before.state, arrived) : arrived,
        call: call === null ? (before?.call ?? null) : book.resolve(call),
        firstSeq: before?.firstSeq ?? seq,
      })
    }
  }
  return told
}

async function write(sql: Sql, app: string, told: ReadonlyMap<string, Told>): Promise<void> {
  const stored = await sql.query<Row>(
    `select ${columns} from voicemails where app = $1 and id ${sql.among('$2')}`,
    app,
    JSON.stringify([...told.keys()]),
  )
  const known = new Map(stored.map((row) => [row.id, row]))
  const kept = [...told].flatMap(([id, { state, call, firstSeq }]): Kept[] => {
    const before = known.get(id)
    // Somebody heard what nobody left.
    if (!before && state.firsts.length === 0) return []
    const merged = before
      ? mergeVoicemails(JSON.parse(before.state) as VoicemailState, state)
      : state
    const own = call ?? (before && before.from_number === null ? before.call : null)
    return [
      {
        id,
        state: merged,
        own,
        call: own ?? before?.call ?? null,
        firstSeq: before?.first_seq ?? firstSeq,
      },
    ]
  })
  writeVoicemails(sql, app, kept)
}
