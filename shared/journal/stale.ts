import { randomUUID } from 'node:crypto'
import { ourselves } from '../projections/index.ts'
import { appendLocked } from './append.ts'
import { digestOf } from './digest.ts'
import { silentCalls, type SilentCall } from './known.ts'
import { unsaid, type CallEvent } from '../events/index.ts'
import type { Database } from '../database/index.ts'
import type { NewDelivery, StaleOptions } from './contract.ts'
import type { Numbered } from './numbering.ts'

/** Ends calls of which nothing was heard; see `Journal.endStale`. @returns null if there is none */
export async function endStaleCalls(
  db: Database,
  app: string,
  { before, time, limit }: StaleOptions,
): Promise<Numbered | null> {
  const asked = { before, limit }
  // Nearly always there is none, and nobody need wait for that.
  if ((await silentCalls(db, app, asked)).length === 0) return null
  return db.transaction(async (sql) => {
    // Calls change only with the counter: from here on those that are found stay silent.
    void sql.query('update counters set seq = seq where app = $1', app)
    const silent = await silentCalls(sql, app, asked)
    if (silent.length === 0) return null
    const { apps } = await appendLocked(
      sql,
      silent.map((call) => endOf(app, endEvent(call, time), time)),
    )
    return apps[0] ?? null
  })
}

/**
 * Its id is made of what it ends, so that of several processes that look at once one makes it. It comes after all
 * that is known, whatever a provider's clock said.
 */
function endEvent({ id: call, lastSeq, lastTime }: SilentCall, now: string): CallEvent {
  return {
    ...unsaid,
    id: `${ourselves}:stale:${call}:${lastSeq}`,
    type: 'call.hangup',
    provider: ourselves,
    time: lastTime > now ? lastTime : now,
    order: Number.MAX_SAFE_INTEGER,
    callId: call,
    details: { cause: 'stale', synthetic: true },
    rawType: 'stale',
  }
}

/** Nothing was delivered; events have a delivery all the same. */
function endOf(app: string, event: CallEvent, receivedAt: string): NewDelivery {
  return {
    id: randomUUID(),
    app,
    provider: ourselves,
    dedupeKey: event.id.slice(ourselves.length + 1),
    receivedAt,
    sealed: new Uint8Array(),
    events: [event],
    quarantine: null,
    digest: digestOf([event], receivedAt),
  }
}
