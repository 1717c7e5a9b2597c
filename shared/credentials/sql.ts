import { raise, revisionOf } from '../database/revisions.ts'
import type { Database } from '../database/index.ts'

/** A row as it lies in the store. */
export interface SealedCredentials {
  readonly app: string
  readonly provider: string
  readonly sealed: Uint8Array
  readonly updatedAt: string
}

const name = 'provider_credentials'

/** How often anything was changed; 0 if nothing ever was. */
export function revision(db: Database): Promise<number> {
  return revisionOf(db, name)
}

/** What every app has. */
export async function all(db: Database): Promise<SealedCredentials[]> {
  const rows = await db.query<Omit<SealedCredentials, 'updatedAt'> & { updated_at: string }>(
    'select app, provider, sealed, updated_at from provider_credentials',
  )
  return rows.map(({ updated_at: updatedAt, ...row }) => ({ ...row, updatedAt }))
}

/** Writes what an app has, over what it had. */
export async function put(
  db: Database,
  { app, provider, sealed, updatedAt }: SealedCredentials,
): Promise<void> {
  const row = { app, provider, sealed, updated_at: updatedAt }
  await db.transaction(async (sql) => {
    const update = ['sealed', 'updated_at']
    await sql.insert({ into: name, rows: [row], conflict: { key: 'app, provider', update } })
    await raise(sql, name)
  })
}

/** Takes away what an app had. @returns whether it had anything */
export function remove(db: Database, app: string, provider: string): Promise<boolean> {
  return db.transaction(async (sql) => {
    const rows = await sql.query(
      'delete from provider_credentials where app = $1 and provider = $2 returning app',
      app,
      provider,
    )
    if (rows.length > 0) await raise(sql, name)
    return rows.length > 0
  })
}
