import type { Place } from './contract.ts'

/** A place, or where somebody stopped who had looked at enough: what comes below was not looked at. */
export interface Mark extends Place {
  readonly stopped?: true
}

/** Places of calls, newest first. */
export interface Source {
  /** The first one below a place, which only ever goes down; null if there is none. */
  next(below: Place): Promise<Mark | null>
}

/** How many entries one question may still look at. */
export interface Budget {
  left: number
}

/** Above every place. */
export const latest: Place = { startedAt: '~', firstSeq: 0 }

/** Whether a place comes after another one, where the newest are first. */
export function isBelow(one: Place, other: Place): boolean {
  if (one.startedAt !== other.startedAt) return one.startedAt < other.startedAt
  return one.firstSeq < other.firstSeq
}

/** Just before a place, so that the next one may be the place itself. */
export function above({ startedAt, firstSeq }: Place): Place {
  return { startedAt, firstSeq: firstSeq + 1 }
}
