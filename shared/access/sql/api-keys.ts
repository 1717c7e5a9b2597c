import { raise } from '../../database/revisions.ts'
import type { Database, Sql } from '../../database/index.ts'
import type { ApiKey } from '../contract.ts'

/** A key as it lies in the store. */
export interface StoredKey extends ApiKey {
  /** SHA-256 of its text, hex. */
  readonly hash: string
}

interface Row {
  id: string
  app: string
  prefix: string
  hash: string
  created_at: string
  expires_at: string | null
  revoked_at: string | null
  grace_until: string | null
  last_used_at: string | null
}

const live = `revoked_at is null and (expires_at is null or expires_at > $1)
  and (grace_until is null or grace_until > $1)`

/** Every app's keys that are accepted now or were until a moment ago. */
export async function liveKeys(db: Database, since: string): Promise<StoredKey[]> {
  const rows = await db.query<Row>(`select * from api_keys where ${live}`, since)
  return rows.map((row) => ({ ...keyOf(row), hash: row.hash }))
}

/** An app's keys, the latest first. */
export async function listKeys(db: Database, app: string, limit: number): Promise<ApiKey[]> {
  const rows = await db.query<Row>(
    'select * from api_keys where app = $1 order by created_at desc, id desc limit $2',
    app,
    limit,
  )
  return rows.map(keyOf)
}

/** Adds a key beside the others. @returns whether the app had room for it */
export function addKey(
  db: Database,
  key: StoredKey,
  { now, most }: { readonly now: string; readonly most: number },
): Promise<boolean> {
  return db.transaction(async (sql) => {
    // First, so that of two that are made at once the second one counts the first.
    await raise(sql, 'api_keys')
    const [count] = await sql.query<{ count: number }>(
      `select count(*) as count from api_keys where ${live} and app = $2`,
      now,
      key.app,
    )
    if (count!.count >= most) return false
    await insert(sql, key)
    return true
  })
}

/**
 * Adds a key, and ends those that the app has at `graceUntil`; of more than it may have the oldest at once.
 * @returns whether there were any
 */
export function replaceKeys(
  db: Database,
  key: StoredKey,
  { now, graceUntil, most }: { readonly now: string; readonly graceUntil: string; most: number },
): Promise<boolean> {
  return db.transaction(async (sql) => {
    await raise(sql, 'api_keys')
    // What was to end sooner still does.
    const ending = await sql.query(
      `update api_keys set grace_until = case when grace_until < $2 then grace_until else $2 end
       where ${live} and app = $3 returning id`,
      now,
      graceUntil,
      key.app,
    )
    await sql.query(
      `update api_keys set grace_until = $1 where id in (
         select id from api_keys where ${live} and app = $2
         order by created_at desc, id desc limit $3 offset $4)`,
      now,
      key.app,
      most,
      most - 1,
    )
    await insert(sql, key)
    return ending.length > 0
  })
}

/** @returns whether the app had such a key that was not revoked yet */
export function revokeKey(
  db: Database,
  { app, id, now }: { readonly app: string; readonly id: string; readonly now: string },
): Promise<boolean> {
  return db.transaction(async (sql) => {
    const revoked = await sql.query(
      `update api_keys set revoked_at = $3
       where app = $1 and id = $2 and revoked_at is null returning id`,
      app,
      id,
      now,
    )
    if (revoked.length > 0) await raise(sql, 'api_keys')
    return revoked.length > 0
  })
}

/** Writes when keys were used, by their ids. Nobody need hear of it. */
export async function noteUses(
  db: Database,
  uses: readonly (readonly [id: string, at: string])[],
): Promise<void> {
  await Promise.all(
    uses.map(([id, at]) => db.query('update api_keys set last_used_at = $2 where id = $1', id, at)),
  )
}

async function insert(sql: Sql, key: StoredKey): Promise<void> {
  const { id, app, prefix, hash, createdAt, expiresAt } = key
  const row: Row = {
    id,
    app,
    prefix,
    hash,
    created_at: createdAt,
    expires_at: expiresAt,
    revoked_at: null,
    grace_until: null,
    last_used_at: null,
  }
  await sql.insert({ into: 'api_keys', rows: [{ ...row }] })
}

function keyOf(row: Row): ApiKey {
  return {
    id: row.id,
    app: row.app,
    prefix: row.prefix,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    graceUntil: row.grace_until,
    lastUsedAt: row.last_used_at,
  }
}
