import type { Trace } from './contract.ts'

/** A trace as it is stored. */
export interface Row {
  readonly app: string
  readonly id: string
  readonly aor: string
  readonly actor: string
  readonly started_at: string
  readonly ends_at: string
  readonly is_full: number
  readonly messages: number
  readonly dropped: number
}

export const name = 'sip_traces'
export const columns = 'app, id, aor, actor, started_at, ends_at, is_full, messages, dropped'

/** A stored trace as it is at a time (RFC 3339). */
export function traceOf(row: Row, now: string): Trace {
  const { app, id, aor, actor: by, started_at: startedAt, ends_at: until, ...counts } = row
  const state = row.is_full === 1 ? 'full' : until > now ? 'active' : 'ended'
  const { messages, dropped } = counts
  return { app, id, aor, by, startedAt, until, state, messages, dropped }
}
