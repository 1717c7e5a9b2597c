import type { Database } from '@switchhook/shared/database'
import { keysOf, recordOf, type CallState } from '@switchhook/shared/projections'
import { newestNumbers, oldestNumbers } from '../../shared/journal/calls/events.ts'
import { entriesBelow } from '../../shared/journal/calls/leaf.ts'
import { callByNumber, liveByNumber, liveNumbers } from '../../shared/journal/calls/list.ts'
import { callById } from '../../shared/journal/calls/sql.ts'
import { kindsOfList, shortList } from '../../shared/journal/calls/walk.ts'
import { postgresPlans, sqlitePlans, type Questions } from '../kit/plans.ts'

/** Every call with when it began, the newest first, without any list. */
export async function everything(db: Database, app: string) {
  const rows = await db.query<{ id: string; state: string; first_seq: number }>(
    'select id, state, first_seq from calls where app = $1',
    app,
  )
  return rows
    .map(({ id, state, first_seq }) => {
      const known = JSON.parse(state) as CallState
      return { record: recordOf(known, id), startedAt: keysOf(known).started_at, first_seq }
    })
    .toSorted((a, b) => compare(b.startedAt, a.startedAt) || b.first_seq - a.first_seq)
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** How many entries there are in all lists. */
export async function entries(db: Database, app: string): Promise<number> {
  const rows = await db.query('select list from call_lists where app = $1', app)
  return rows.length
}

/** Very many entries, sixteen in one list and sixteen in the other, of calls that are in no other. */
export async function strew(
  db: Database,
  app: string,
  { lists: [one, other], started_at }: { lists: readonly [string, string]; started_at: string },
): Promise<void> {
  const rows = Array.from({ length: 12_000 }, (_, index) => ({
    app,
    list: index % 32 < 16 ? one : other,
    kind: 'telnyx inbound',
    started_at,
    first_seq: 1_000 + index,
  }))
  await db.transaction((sql) => sql.insert({ into: 'call_lists', rows }))
}

/** The store as it was before there were lists. */
export async function unlist(db: Database): Promise<void> {
  await db.query('delete from call_lists')
  await db.query('delete from calls_listed')
  await db.query('delete from voicemail_parties')
  // Nor did a voicemail say for whom it was.
  const agent = ',"agent":{"id":"7","email":null,"name":null}'
  await db.query(`update voicemails set left_at = '', state = replace(state, $1, '')`, agent)
}

const questions: Questions = {
  [entriesBelow]: ['a', 'n:1', 'telnyx inbound', '2026', 5, '2025', 10],
  [kindsOfList]: ['a', 'n:1', 64],
  [shortList]: ['a', 'n:1', 32],
  [callById]: ['a', 'c'],
  [callByNumber]: ['a', 5],
  [liveNumbers]: ['a'],
  [liveByNumber]: ['a', 10],
  [newestNumbers]: ['a', 'c', 10],
  [oldestNumbers]: ['a', 'c', 5, 10],
}

/** How SQLite answers each question about calls. */
export function plans(db: Database): Promise<string[]> {
  return sqlitePlans(db, questions)
}

/** How PostgreSQL does, where reading the whole table is out of the question. */
export function plansOfPostgres(db: Database): Promise<string[]> {
  return postgresPlans(db, questions, ['seqscan', 'bitmapscan', 'sort'])
}
