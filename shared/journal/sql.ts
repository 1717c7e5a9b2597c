import { randomBytes } from 'node:crypto'
import { appendLocked, type Done } from './append.ts'
import { appendForeseen } from './foreseen.ts'
import { foresightOf } from './foresight.ts'
import { endStaleCalls } from './stale.ts'
import { readVoicemails } from './voicemails/read.ts'
import { recordOf, type CallState, type VoicemailRecord } from '../projections/index.ts'
import type { Database } from '../database/index.ts'
import type { Appended, JournalRow, LiveCalls, NewDelivery, StaleOptions } from './contract.ts'

/** See `Journal.append`. */
export async function append(db: Database, batch: readonly NewDelivery[]): Promise<Appended[]> {
  const foresight = foresightOf(db)
  const done =
    (await appendForeseen(db, batch, foresight)) ??
    (await db.transaction((sql) => appendLocked(sql, batch)))
  for (const numbered of done.apps) foresight.learn(numbered)
  return batch.map((delivery) => outcomeOf(delivery, done))
}

function outcomeOf({ id, app, quarantine }: NewDelivery, done: Done): Appended {
  const { fresh, conflicts, apps } = done
  if (quarantine !== null) return { status: 'quarantined' }
  if (conflicts.has(id)) return { status: 'duplicate', conflict: true }
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

export const eventsAfter = `select seq, id, type, time, call, late, data from events
  where app = $1 and seq > $2 order by seq limit $3`

/** See `Journal.read`. */
export async function read(
  db: Database,
  ...[app, after, limit]: [app: string, after: number, limit: number]
): Promise<JournalRow[]> {
  const rows = await db.query<Omit<JournalRow, 'late'> & { late: number }>(
    eventsAfter,
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

/** See `Journal.setMilestones`. */
export async function setMilestones(db: Database, at: string): Promise<void> {
  await db.query(
    `insert into milestones (app, at, seq) select app, $1, seq from counters where seq > coalesce(
       (select seq from milestones m where m.app = counters.app order by at desc limit 1), 0)
     on conflict do nothing`,
    at,
  )
}

export const milestoneBefore = `select seq from milestones
  where app = $1 and at < $2 order by at desc limit 1`

/** See `Journal.milestone`. */
export async function milestone(db: Database, app: string, before: string): Promise<number> {
  const [row] = await db.query<{ seq: number }>(milestoneBefore, app, before)
  return row?.seq ?? 0
}

/** See `Journal.liveCalls`. The number and the records are of one moment. */
export function liveCalls(db: Database, app: string, limit: number): Promise<LiveCalls> {
  return db.transaction(async (sql) => {
    const [counters, rows] = await Promise.all([
      sql.query<{ seq: number }>('select seq from counters where app = $1', app),
      sql.query<{ id: string; state: string }>(
        `select id, state from calls where app = $1 and live = 1 order by first_seq desc limit $2`,
        app,
        limit,
      ),
    ])
    const calls = rows
      .toReversed()
      .map(({ id, state }) => recordOf(JSON.parse(state) as CallState, id))
    return { seq: counters[0]?.seq ?? 0, calls }
  }, 'read')
}

/** See `Journal.resolveCall`. */
export async function resolveCall(
  db: Database,
  app: string,
  id: string,
): Promise<string | undefined> {
  const [row] = await db.query<{ call: string }>(
    `select id as call from calls where app = $1 and id = $2
     union all select call from call_aliases where app = $1 and alias = $2`,
    app,
    id,
  )
  return row?.call
}

/** See `Journal.endStale`. */
export async function endStale(
  db: Database,
  app: string,
  options: StaleOptions,
): Promise<readonly JournalRow[]> {
  const numbered = await endStaleCalls(db, app, options)
  if (!numbered) return []
  foresightOf(db).learn(numbered)
  return [...numbered.rows.values()].flat()
}

/** See `Journal.voicemails`. */
export function voicemails(db: Database, app: string, limit: number): Promise<VoicemailRecord[]> {
  return readVoicemails(db, app, limit)
}
