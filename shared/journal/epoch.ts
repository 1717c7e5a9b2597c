import { randomBytes } from 'node:crypto'
import type { Database } from '../database/index.ts'

/** See `renewEpoch`. */
export function renew(db: Database): Promise<{ before: string; after: string } | null> {
  const after = randomBytes(4).toString('hex')
  return db.transaction(async (sql) => {
    const [journal] = await sql.query<{ epoch: string }>('select epoch from journal')
    if (!journal) return null
    await sql.query('update journal set epoch = $1', after)
    return { before: journal.epoch, after }
  }, 'alone')
}
