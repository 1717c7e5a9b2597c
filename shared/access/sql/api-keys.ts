import { record } from '../../audit/sql.ts'
import { raise } from '../../database/revisions.ts'
import type { AuditEntry, By } from '../../audit/contract.ts'
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

interface Making {
  readonly now: string
  /** Keys of the app that are accepted at a time. */
  readonly most: number
  readonly by: By
}

/** Adds a key beside the others. @returns whether the app had room for it */
export function addKey(db: Database, key: StoredKey, { now, most, by }: Making): Promise<boolean> {
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
    await record(sql, made(key, { by }))
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
  { now, graceUntil, most, by }: Making & { readonly graceUntil: string },
): Promise<boolean> {
  return db.transaction(async (sql) => {
    await raise(sql, 'api_keys')
    // What was to end sooner still does.
    const ending = await sql.query<{ id: string }>(
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
    const replaces = ending.map(({ id }) => id)
    await record(sql, made(key, { by, ...(replaces.length > 0 && { replaces, graceUntil }) }))
    return replaces.length > 0
  })
}

/** @returns whether the key was revoked now or before; null: the app has none with this id */
export function revokeKey(
  db: Database,
  { app, id, now, by }: { readonly app: string; readonly id: string; now: string; by: By },
): Promise<'now' | 'before' | null> {
  return db.transaction(async (sql) => {
    const [revoked] = await sql.query<{ prefix: string }>(
      `update api_keys set revoked_at = $3
       where app = $1 and id = $2 and revoked_at is null returning prefix`,
      app,
      id,
      now,
    )
    if (!revoked) {
      const found = 'select id from api_keys where app = $1 and id = $2'
      return (await sql.query(found, app, id)).length > 0 ? 'before' : null
    }
    await raise(sql, 'api_keys')
    await record(sql, { ...by, app, action: 'api-key.revoked', target: id, detail: revoked })
    return 'now'
  })
}

/** What the audit says of a new key. */
function made(
  { id, app, prefix, expiresAt }: StoredKey,
  { by, ...replaced }: { by: By; replaces?: readonly string[]; graceUntil?: string },
): AuditEntry {
  const action = replaced.replaces ? 'api-key.rotated' : 'api-key.created'
  return { ...by, app, action, target: id, detail: { prefix, expiresAt, ...replaced } }
}

/** Writes when keys were used, by their ids, unless another process saw them later. Nobody need hear of it. */
export async function noteUses(
  db: Database,
  uses: readonly (readonly [id: string, at: string])[],
): Promise<void> {
  const text = `update api_keys set last_used_at = $2
    where id = $1 and (last_used_at is null or last_used_at < $2)`
  await Promise.all(uses.map(([id, at]) => db.query(text, id, at)))
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
