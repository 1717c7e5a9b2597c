import { randomBytes } from 'node:crypto'
import { hashOf } from './key-text.ts'
import { timeOf } from './time.ts'
import type { Procedures } from '../database/index.ts'
import type { Tickets, TicketKind } from './contract.ts'

type Sql = Procedures<typeof import('./sql/tickets.ts')>

/** What tickets begin with: the hash covers it, so that nobody turns one kind into the other. */
const marks = { once: 't1_', many: 'tn_' } as const satisfies Record<TicketKind, string>
const pattern = /^t[1n]_[\w-]{43}$/
/** Live ones of a user; the oldest give way. */
const perUser = 100

/** Tickets of a store; nothing of them is in memory, so that any process may take what another one issued. */
export function openTickets<Holder>(sql: Sql): Tickets<Holder> {
  const shownTo = async (way: Sql['showTicket'], text: string, nowMs: number) => {
    if (!pattern.test(text)) return null
    const shown = await way(hashOf(text), timeOf(nowMs))
    return shown && { ...shown, holder: JSON.parse(shown.holder) as Holder }
  }
  return {
    async issue({ kind, app, sub, origin, expiresAtMs, holder }, nowMs) {
      const text = marks[kind] + randomBytes(32).toString('base64url')
      const ticket = {
        id: hashOf(text),
        app,
        sub,
        kind,
        origin,
        holder: JSON.stringify(holder),
        createdAt: timeOf(nowMs),
        expiresAt: timeOf(expiresAtMs),
      }
      await sql.addTicket(ticket, perUser)
      return text
    },
    take: (text, nowMs) =>
      shownTo(text.startsWith(marks.once) ? sql.spendTicket : sql.showTicket, text, nowMs),
    look: (text, nowMs) => shownTo(sql.showTicket, text, nowMs),
  }
}
