import type { Database } from '@switchhook/shared/database'
import { recordOf, type CallRecord, type CallState } from '@switchhook/shared/projections'

/** The records of all calls of an app, ended ones too. */
export async function calls(db: Database, app: string): Promise<CallRecord[]> {
  const rows = await db.query<{ id: string; state: string }>(
    'select id, state from calls where app = $1 order by first_seq',
    app,
  )
  return rows.map(({ id, state }) => recordOf(JSON.parse(state) as CallState, id))
}

/** Every other id of a call, with the call it leads to. */
export async function aliases(db: Database, app: string): Promise<[string, string][]> {
  const rows = await db.query<{ alias: string; call: string }>(
    'select alias, call from call_aliases where app = $1 order by alias',
    app,
  )
  return rows.map(({ alias, call }) => [alias, call])
}

/** How an embedded store finds live calls that fell silent, and pages of deliveries. */
export async function plans(db: Database): Promise<string[]> {
  const texts = [
    `select id from calls where app = 'a' and live = 1 and (touched_at is null or touched_at < 'b')
     order by first_seq limit 5`,
    `select id from deliveries where app = 'a' and length(sealed) > 0 and (received_at, id) < ('b', 'c')
     order by received_at desc, id desc limit 5`,
    `select id from voicemails where app = 'a' and from_number = 'b' and received_at between 'c' and 'd'`,
    `select id from calls where app = 'a' and missed_from = 'b' and missed_to = 'c'
     and missed_at between 'd' and 'e'`,
  ]
  const plans = await Promise.all(
    texts.map((text) => db.query<{ detail: string }>(`explain query plan ${text}`)),
  )
  return plans.map((steps) => steps.map(({ detail }) => detail).join('; '))
}
