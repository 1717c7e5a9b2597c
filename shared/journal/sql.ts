import { randomBytes } from 'node:crypto'
import { appendLocked, type Done } from './append.ts'
import { appendForeseen } from './foreseen.ts'
import { Foresight } from './foresight.ts'
import { recordOf, type CallState } from '../projections/index.ts'
import type { Database } from '../database/index.ts'
import type { Appended, JournalRow, LiveCalls, NewDelivery } from './contract.ts'

const foresights = new WeakMap<Database, Foresight>()

/** See `Journal.append`. */
export async function append(db: Database, batch: readonly NewDelivery[]): Promise<Appended[]> {
  const foresight = foresights.get(db) ?? new Foresight()
  foresights.set(db, foresight)
  const done =
    (await appendForeseen(db, batch, foresight)) ??
    (await db.transaction((sql) => appendLocked(sql, batch)))
  for (const numbered of done.apps) foresight.learn(numbered)
  return batch.map((delivery) => outcomeOf(delivery, done))
}

function outcomeOf({ id, app, quarantine }: NewDelivery, { fresh, apps }: Done): Appended {
  if (quarantine !== null) return { status: 'quarantined' }
  if (!fresh.has(id)) return { status: 'duplicate' }
  const numbered = apps.find((one) => one.app === app)
  return { status: 'accepted', rows: numbered?.rows.get(id) ?? [] }
}

/** The journal's epoch; written once, when the journal is new. */
export async function epoch(db: Database): Promise<string> {
  const row = { one: 1, epoch: randomBytes(4).toString('hex') }
  await db.insert({ into: 'journal', rows: [row], conflict: 'ignore' })
  const [stored] = await db.query<{ epoch: string }>('select epoch from journal')
  return stored!.epoch
}

/** See `Journal.read`. */
export async function read(
  db: Database,
  ...[app, after, limit]: [app: string, after: number, limit: number]
): Promise<JournalRow[]> {
  const rows = await db.query<Omit<JournalRow, 'late'> & { late: number }>(
    `select seq, id, type, time, call, late, data from events
     where app = $1 and seq > $2 order by seq limit $3`,
    app,
    after,
    limit,
  )
  return rows.map((row) => ({ ...row, late: row.late === 1 }))
}

/** See `Journal.heads`. */
export async function heads(db: Database, apps: readonly string[]): Promise<[string, number][]> {
  const rows = await db.query<{ app: string; seq: number }>(
    `select app, seq from counters where app ${db.among('$1')}`,
    JSON.stringify(apps),
  )
  return rows.map(({ app, seq }) => [app, seq])
}

/** See `Journal.liveCalls`. The number and the records are of one moment. */
export function liveCalls(db: Database, app: string, limit: number): Promise<LiveCalls> {
  return db.transaction(async (sql) => {
    const [counters, rows] = await Promise.all([
      sql.query<{ seq: number }>('select seq from counters where app = $1', app),
      sql.query<{ state: string }>(
        `select state from calls where app = $1 and live = 1 order by first_seq desc limit $2`,
        app,
        limit,
      ),
    ])
    const calls = rows.toReversed().map(({ state }) => recordOf(JSON.parse(state) as CallState))
    return { seq: counters[0]?.seq ?? 0, calls }
  }, 'read')
}
