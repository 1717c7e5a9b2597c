import { raise } from '../../database/revisions.ts'
import type { Database } from '../../database/index.ts'

/** What was taken back, from whom and when. */
export interface StoredRevocation {
  readonly app: string
  readonly sub: string
  readonly at: string
  readonly revision: number
}

interface Bounds {
  /** Those from before are about tokens that have long expired. */
  readonly oldest: string
  /** Revocations of an app; the oldest give way. */
  readonly keep: number
}

/** What was taken back since a revision, oldest first, so many at most. */
export function revocationsSince(
  db: Database,
  revision: number,
  limit: number,
): Promise<StoredRevocation[]> {
  return db.query<StoredRevocation>(
    'select app, sub, at, revision from revocations where revision > $1 order by revision limit $2',
    revision,
    limit,
  )
}

/** Writes a revocation over an earlier one of the user. */
export function addRevocation(
  db: Database,
  { app, sub, at }: Omit<StoredRevocation, 'revision'>,
  { oldest, keep }: Bounds,
): Promise<void> {
  return db.transaction(async (sql) => {
    const revision = await raise(sql, 'revocations')
    const conflict = { key: 'app, sub', update: ['at', 'revision'] }
    await sql.insert({ into: 'revocations', rows: [{ app, sub, at, revision }], conflict })
    await sql.query('delete from revocations where app = $1 and at < $2', app, oldest)
    await sql.query(
      `delete from revocations where app = $1 and sub in (
         select sub from revocations where app = $1 order by at desc, sub desc
         limit 1000 offset $2)`,
      app,
      keep,
    )
  })
}
