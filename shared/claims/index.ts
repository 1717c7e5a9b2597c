import type { Store } from '../database/index.ts'
import type { Claims } from './contract.ts'

export type { ClaimAnswer, ClaimKey, ClaimRequest, Claims } from './contract.ts'

/** The longest that a claim lasts, and the usual. */
const maxMs = 30_000

/** So many claims of this process after the last one, what has expired is looked for. */
const sweepEvery = 100

/** More than were added since, so that what has expired does not pile up; few enough to delay nobody. */
const sweepRows = 1_000

/** Opens the claims of a store; `now` tells Unix milliseconds. */
export function openClaims(store: Store, now: () => number = Date.now): Claims {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  let sinceSweep = 0

  const sweep = async (): Promise<void> => {
    sinceSweep = 0
    await sql.sweep(timeOf(now()), sweepRows)
  }

  return {
    async claim({ ttlMs = maxMs, ...key }) {
      const at = now()
      const until = timeOf(at + Math.min(Math.max(ttlMs, 1), maxMs))
      const by = await sql.claim(key, { now: timeOf(at), until })
      // What it leaves behind, the next one takes.
      if ((sinceSweep += 1) >= sweepEvery) sweep().catch(() => {})
      return { granted: by === key.by, by }
    },
    release: (key) => sql.release(key),
    async endOfCall(app, calls) {
      if (calls.length > 0) await sql.endOfCall(app, calls)
    },
  }
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
