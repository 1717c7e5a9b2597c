import type { Database } from '@switchhook/shared/database'
import { rangeOfCall, rangesByTime } from '../../shared/journal/deliveries/reading.ts'
import { eventsAfter, milestoneBefore } from '../../shared/journal/sql.ts'
import { postgresPlans, sqlitePlans, type Questions } from '../kit/plans.ts'

const range = ['a', 'switchhook', '2026-09', '', 10, '2026-10']
const questions: Questions = {
  ...Object.fromEntries(rangesByTime.map((text) => [text, range])),
  [rangeOfCall]: [...range, 'c'],
  [milestoneBefore]: ['a', '2026'],
  [eventsAfter]: ['a', 5, 10],
}

/** How SQLite looks for what is past. */
export function plans(db: Database): Promise<string[]> {
  return sqlitePlans(db, questions)
}

/** How PostgreSQL does. */
export function plansOfPostgres(db: Database): Promise<string[]> {
  return postgresPlans(db, questions, ['seqscan', 'bitmapscan'])
}
