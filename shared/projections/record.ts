import { eventName, type Agent, type Direction, type Phase } from '../events/index.ts'
import type { CallState } from './call.ts'
import { earliest, latest, phaseOfLeg, phaseOfLegs, type LegState } from './legs.ts'
import { valueOf } from './registers.ts'

/** One leg as clients see it; `id` is the call's where the provider has no legs and the call is its own. */
export interface LegRecord {
  readonly id: string
  readonly phase: Phase
  readonly initiated_at: string | null
  readonly ringing_at: string | null
  readonly answered_at: string | null
  readonly ended_at: string | null
}

/** A call as clients see it: in snapshots, in REST answers and in the browser's own copy. */
export interface CallRecord {
  readonly id: string
  readonly phase: Phase
  readonly held: boolean
  readonly direction: Direction | null
  readonly from: string | null
  readonly to: string | null
  readonly provider: string
  /** By the provider's field name, first writer per field: of ids that each leg has anew, one leg's. */
  readonly provider_ids: Readonly<Record<string, string>>
  readonly agent: Agent | null
  /** The queue it was last said to be in. */
  readonly queue: string | null
  /** Sorted by id, so that they keep their places while the call goes on. */
  readonly legs: readonly LegRecord[]
  /** Null until the call has ended. */
  readonly reason: string | null
  readonly initiated_at: string | null
  readonly ringing_at: string | null
  readonly answered_at: string | null
  readonly ended_at: string | null
  /** The event that happened last, which need not be the one that came last. */
  readonly last_event: { readonly event: string; readonly seq: number; readonly time: string }
}

/** What a state amounts to; pure, so everyone who knows the same events of call `id` shows the same record. */
export function recordOf(state: CallState, id: string): CallRecord {
  const { legs, firsts, lasts } = state
  const stale = staleSince(state)
  const phase = stale === null ? phaseOfLegs(legs) : 'ended'
  const ended = phase === 'ended'
  return {
    id,
    phase,
    held: !ended && valueOf(lasts, 'held') === true,
    direction: valueOf(firsts, 'direction'),
    from: valueOf(firsts, 'from'),
    to: valueOf(firsts, 'to'),
    provider: valueOf(firsts, 'provider') ?? '',
    provider_ids: providerIdsOf(state),
    agent: valueOf(lasts, 'agent'),
    queue: valueOf(lasts, 'queue'),
    legs: legs.map(legRecordOf),
    reason: ended ? reasonOf(state, stale !== null) : null,
    initiated_at: earliest(legs.map(({ at }) => at.initiated)),
    ringing_at: earliest(legs.map(({ at }) => at.ringing)),
    answered_at: earliest(legs.map(({ at }) => at.answered)),
    // The last leg's end: two people who talk on after a third has left are still in the call.
    ended_at: stale ?? (ended ? latest(legs.map(({ at }) => at.ended)) : null),
    last_event: lastEventOf(state),
  }
}

/** What a call is looked up by. */
export interface CallKeys extends Pick<
  CallRecord,
  'provider' | 'direction' | 'from' | 'to' | 'agent'
> {
  /** When it began: initiated, or if nobody said so, when it was first heard of. */
  readonly started_at: string
}

/** The keys of a call; as pure as its record. */
export function keysOf({ legs, firsts, lasts }: CallState): CallKeys {
  // What was said first of all lies first: every event but a made-up one says its provider.
  const heard = firsts[0]?.at[0] ?? lasts[0]?.at[0] ?? ''
  return {
    started_at: earliest(legs.map(({ at }) => at.initiated)) ?? heard,
    provider: valueOf(firsts, 'provider') ?? '',
    direction: valueOf(firsts, 'direction'),
    from: valueOf(firsts, 'from'),
    to: valueOf(firsts, 'to'),
    agent: valueOf(lasts, 'agent'),
  }
}

function legRecordOf(leg: LegState): LegRecord {
  return {
    id: leg.id,
    phase: phaseOfLeg(leg),
    initiated_at: leg.at.initiated ?? null,
    ringing_at: leg.at.ringing ?? null,
    answered_at: leg.at.answered ?? null,
    ended_at: leg.at.ended ?? null,
  }
}

/**
 * When a call was given up: it is over while nothing that happened later is known, and its legs have not all ended,
 * for then it has a true end. No clock is in it, so everyone sees the same.
 */
function staleSince({ legs, lasts: [last] }: CallState): string | null {
  return last?.said.stale && phaseOfLegs(legs) !== 'ended' ? last.at[0] : null
}

/** What the provider says goes first; a call that rang here and nobody took is missed, said or not. */
function reasonOf({ legs, firsts }: CallState, stale: boolean): string {
  const cause = valueOf(firsts, 'cause')
  if (cause !== null) return cause
  if (stale) return 'stale'
  const answered = legs.some(({ at }) => at.answered !== undefined)
  const unanswered = !answered && valueOf(firsts, 'direction') === 'inbound'
  if (unanswered || valueOf(firsts, 'missed')) return 'missed'
  return answered ? 'completed' : 'unknown'
}

/** fromEntries defines properties, so an id field named __proto__ stays data. */
function providerIdsOf({ ids }: CallState): Record<string, string> {
  return Object.fromEntries(
    ids.flatMap(({ said }) => Object.entries(said as Record<string, string>)),
  )
}

/** Every event says its type and number, so the latest claim is the last event's. */
function lastEventOf({ lasts }: CallState): CallRecord['last_event'] {
  return {
    event: eventName(valueOf(lasts, 'type') ?? ''),
    seq: valueOf(lasts, 'seq') ?? 0,
    time: lasts[0]?.at[0] ?? '',
  }
}
