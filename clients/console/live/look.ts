import type { CallRecord } from '@switchhook/shared/projections'

/** What a call looks like: a word, a colour of the busylight and a shape. */
export type Look =
  | 'unknown'
  | 'initiated'
  | 'queued'
  | 'ringing'
  | 'answered'
  | 'held'
  | 'ended'
  | 'missed'
  | 'failed'

/** Providers' words for a call that could not be made. */
const failures = /fail|busy|reject|declin|not_found|unallocated|invalid|error|unavailable/

/** The look of a call. */
export function lookOf({ phase, held, reason, direction, answered_at }: CallRecord): Look {
  if (phase !== 'ended') return phase === 'answered' && held ? 'held' : phase
  if (answered_at !== null) return 'ended'
  if (reason === 'missed') return 'missed'
  if (reason !== null && failures.test(reason)) return 'failed'
  return direction === 'inbound' ? 'missed' : 'ended'
}
