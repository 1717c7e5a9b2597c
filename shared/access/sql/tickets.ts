import type { Database } from '../../database/index.ts'
import type { TicketKind } from '../contract.ts'

/** A ticket as it lies in the store. */
export interface StoredTicket {
  /** SHA-256 of its text, hex. */
  readonly id: string
  readonly app: string
  readonly sub: string
  readonly kind: TicketKind
  readonly origin: string | null
  /** JSON. */
  readonly holder: string
  readonly createdAt: string
  readonly expiresAt: string
}

type Shown = Pick<StoredTicket, 'kind' | 'origin' | 'holder'>

/** Adds a ticket; expired ones go, and of the user's the oldest beyond `keep`. */
export async function addTicket(db: Database, ticket: StoredTicket, keep: number): Promise<void> {
  const { id, app, sub, kind, origin, holder, createdAt, expiresAt } = ticket
  await db.transaction(async (sql) => {
    await sql.query('delete from tickets where expires_at <= $1', createdAt)
    await sql.query(
      `delete from tickets where id in (
         select id from tickets where app = $1 and sub = $2
         order by created_at desc, id desc limit $3 offset $4)`,
      app,
      sub,
      keep,
      keep - 1,
    )
    const times = { created_at: createdAt, expires_at: expiresAt }
    const row = { id, app, sub, kind, origin, holder, ...times }
    await sql.insert({ into: 'tickets', rows: [row] })
  })
}

/** Spends a ticket: of several who show it at once, here or elsewhere, one gets it. */
export async function spendTicket(db: Database, id: string, now: string): Promise<Shown | null> {
  const [row] = await db.query<Shown & { expires_at: string }>(
    `delete from tickets where id = $1 and kind = 'once'
     returning kind, origin, holder, expires_at`,
    id,
  )
  if (!row || row.expires_at <= now) return null
  const { expires_at: _, ...shown } = row
  return shown
}

/** Looks at a ticket, which is not spent by that. */
export async function showTicket(db: Database, id: string, now: string): Promise<Shown | null> {
  const [row] = await db.query<Shown>(
    `select kind, origin, holder from tickets
     where id = $1 and expires_at > $2`,
    id,
    now,
  )
  return row ?? null
}
