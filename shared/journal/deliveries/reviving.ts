import { appendApp } from '../append.ts'
import { foresightOf } from '../foresight.ts'
import type { Database, Sql } from '../../database/index.ts'
import type { NewDelivery } from '../contract.ts'
import type { Revived } from './contract.ts'

/** See `Deliveries.revive`. */
export async function revive(
  db: Database,
  ...[app, id, delivery]: [app: string, id: string, delivery: NewDelivery]
): Promise<Revived> {
  const numbered = await db.transaction(async (sql) => {
    if (await takeKey(sql, app, id, delivery)) return appendApp(sql, app, [{ ...delivery, id }])
    await sql.query(
      `update deliveries set verdict = 'duplicate'
       where app = $1 and id = $2 and verdict = 'quarantined'`,
      app,
      id,
    )
    return null
  })
  if (!numbered) return { status: 'duplicate', rows: [] }
  foresightOf(db).learn(numbered)
  return { status: 'accepted', rows: numbered.rows.get(id)! }
}

/** Gives it the key it would have had; not if another delivery has it. */
async function takeKey(
  sql: Sql,
  ...[app, id, delivery]: [app: string, id: string, delivery: NewDelivery]
): Promise<boolean> {
  const rows = await sql.query(
    `update deliveries set dedupe_key = $3, verdict = 'accepted', reason = null, digest = $4
     where app = $1 and id = $2 and verdict = 'quarantined' and provider = $5 and not exists
       (select 1 from deliveries where app = $1 and provider = $5 and dedupe_key = $3 and id <> $2)
     returning id`,
    app,
    id,
    delivery.dedupeKey,
    delivery.digest,
    delivery.provider,
  )
  return rows.length > 0
}
