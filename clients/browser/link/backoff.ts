const floorMs = 500
const ceilingMs = 20_000
const firstSpreadMs = 1_500
/** A hub that asks for more patience than this is not believed. */
const longestHintMs = 300_000

/**
 * How long to wait before the next attempt: 0.5 s to 20 s, the range doubling with each failure and the place in
 * it left to chance, so that clients dropped together do not come back together. A hub that names a time gets it
 * as the least.
 */
export function backoff(attempt: number, random: number, hintMs = 0): number {
  const spread = Math.min(ceilingMs - floorMs, firstSpreadMs * 2 ** Math.min(attempt, 10))
  return Math.round(Math.min(hintMs || floorMs, longestHintMs) + random * spread)
}
