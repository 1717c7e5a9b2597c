import { phaseRank, type Phase } from '../events/index.ts'
import { compareText } from './registers.ts'

/** One leg: the first time each phase was reached. The phase itself is the highest of them, so it cannot fall. */
export interface LegState {
  /** The provider's id of the leg; that of the call where it has none and the call is its own leg. */
  readonly id: string
  readonly at: Readonly<Partial<Record<Phase, string>>>
}

/**
 * Legs per call. Those whose ids sort first stay: an id never changes, so a leg among the first 64 of all is among
 * the first 64 of any part, is never dropped on the way, and misses none of its events, in whatever order they
 * are merged. A rule by time could not say that, because a late event moves the beginning of a leg.
 */
export const legLimit = 64

const climb = (Object.keys(phaseRank) as Phase[]).sort((a, b) => phaseRank[a] - phaseRank[b])
const descent = climb.toReversed()

/** Merges two sets of legs, both sorted by id: commutative, associative, idempotent. */
export function mergeLegs(a: readonly LegState[], b: readonly LegState[]): readonly LegState[] {
  if (a.length === 0) return b
  if (b.length === 0) return a
  const merged: LegState[] = []
  let [i, j] = [0, 0]
  while (merged.length < legLimit && (i < a.length || j < b.length)) {
    const side = sideOf(a[i], b[j])
    merged.push(side < 0 ? a[i]! : side > 0 ? b[j]! : joinLegs(a[i]!, b[j]!))
    if (side <= 0) i += 1
    if (side >= 0) j += 1
  }
  return merged
}

/** The highest phase a leg has reached. */
export function phaseOfLeg({ at }: LegState): Phase {
  return descent.find((phase) => at[phase] !== undefined) ?? 'unknown'
}

/** Ended when every leg has, else the highest phase among those that have not; unknown without legs. */
export function phaseOfLegs(legs: readonly LegState[]): Phase {
  const open = new Set<Phase>(legs.map(phaseOfLeg))
  const hadEnded = open.delete('ended')
  if (hadEnded && open.size === 0) return 'ended'
  return descent.find((phase) => open.has(phase)) ?? 'unknown'
}

/** The least of the times that are known; null if none is. */
export function earliest(times: readonly (string | undefined)[]): string | null {
  return best(times, (time, than) => time < than)
}

/** The greatest of the times that are known; null if none is. */
export function latest(times: readonly (string | undefined)[]): string | null {
  return best(times, (time, than) => time > than)
}

function best(
  times: readonly (string | undefined)[],
  better: (time: string, than: string) => boolean,
): string | null {
  let found: string | null = null
  for (const time of times) {
    if (time !== undefined && (found === null || better(time, found))) found = time
  }
  return found
}

function sideOf(a: LegState | undefined, b: LegState | undefined): number {
  if (!a) return 1
  return b ? compareText(a.id, b.id) : -1
}

function joinLegs(a: LegState, b: LegState): LegState {
  const at: Partial<Record<Phase, string>> = {}
  for (const phase of climb) {
    const time = earliest([a.at[phase], b.at[phase]])
    if (time !== null) at[phase] = time
  }
  return { id: a.id, at }
}
