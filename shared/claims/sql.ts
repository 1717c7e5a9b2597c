import type { Database } from '../database/index.ts'
import type { ClaimKey } from './contract.ts'

type Holding = ClaimKey & { readonly by: string }

/** A holder may let go between the two statements; who meets that as often was never to have it. */
const maxAttempts = 5

/** See `Claims.claim`. @returns who has it now */
export async function claim(
  db: Database,
  { app, call, action, by }: Holding,
  { now, until }: { readonly now: string; readonly until: string },
): Promise<string> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    // One statement: of those who come at once, the row's lock lets one through, and the others see what it wrote.
    const [held] = await db.query<{ holder: string }>(
      `insert into claims (app, call, action, holder, expires_at) values ($1, $2, $3, $4, $5)
       on conflict (app, call, action) do update
       set holder = excluded.holder, expires_at = excluded.expires_at
       where claims.expires_at <= $6 or claims.holder = excluded.holder
       returning holder`,
      app,
      call,
      action,
      by,
      until,
      now,
    )
    if (held) return held.holder
    const [other] = await db.query<{ holder: string }>(
      'select holder from claims where app = $1 and call = $2 and action = $3',
      app,
      call,
      action,
    )
    if (other) return other.holder
  }
  throw new Error('the claim was held and released all the time')
}

/** See `Claims.release`. */
export async function release(db: Database, { app, call, action, by }: Holding): Promise<boolean> {
  const rows = await db.query(
    `delete from claims where app = $1 and call = $2 and action = $3 and holder = $4
     returning call`,
    app,
    call,
    action,
    by,
  )
  return rows.length > 0
}

/** See `Claims.endOfCall`. */
export async function endOfCall(
  db: Database,
  app: string,
  calls: readonly string[],
): Promise<void> {
  const text = `delete from claims where app = $1 and call ${db.among('$2')}`
  await db.query(text, app, JSON.stringify(calls))
}

/** Takes away what has expired, so many at most, the oldest first. */
export async function sweep(db: Database, now: string, limit: number): Promise<void> {
  await db.query(
    `delete from claims where (app, call, action) in (
       select app, call, action from claims where expires_at <= $1 order by expires_at limit $2)
     and expires_at <= $1`,
    now,
    limit,
  )
}
