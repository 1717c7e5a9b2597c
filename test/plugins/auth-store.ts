import type { Database } from '@switchhook/shared/database'

/** Whoever looks for a ticket fails from now on. */
export async function removeTickets(db: Database): Promise<void> {
  await db.query('drop table tickets')
}
