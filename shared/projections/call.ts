import { facts, phaseOf, phaseRank } from '../events/index.ts'
import type { Agent, CallEvent, Direction, EventType } from '../events/index.ts'
import { mergeLegs, phaseOfLeg, phaseOfLegs, type LegState } from './legs.ts'
import { claimsOf, mergeClaims, unsay, type Claims, type Stamp } from './registers.ts'

/** An event of a call with its number in the app's journal. */
export type SequencedEvent = CallEvent & { readonly seq: number }

/** What the first event to say it decides. */
export interface Firsts {
  provider: string
  direction: Direction
  from: string
  to: string
  /** Why the call ended, in the provider's words. */
  cause: string
  missed: true
}

/** What the last event to say it decides; every event says its type and number. */
export interface Lasts {
  type: EventType
  seq: number
  held: boolean
  agent: Agent
  queue: string
  /** Only a made-up end says it: nothing was heard of the call for too long. */
  stale: true
}

/**
 * All that is known of a call: a join-semilattice, so events may come twice and in any order. Plain JSON, kept per
 * call; never changed in place, so states share their parts. `recordOf` turns it into what clients see.
 */
export interface CallState {
  /** Sorted by id, at most `legLimit`. */
  readonly legs: readonly LegState[]
  /** Earliest first. */
  readonly firsts: Claims<Firsts>
  /** Provider ids by the provider's field name: earliest first, at most `fieldLimit` of them. */
  readonly ids: Claims<Record<string, string>>
  /** Latest first. */
  readonly lasts: Claims<Lasts>
}

/** Lifts one event to the state of a call of which nothing else is known. */
export function stateOf(event: SequencedEvent): CallState {
  const at: Stamp = [event.time, event.order, event.id]
  if (isMadeUp(event)) return madeUpEnd(at, event)
  const phase = phaseOf[event.type]
  return {
    legs: phase ? [{ id: legOf(event), at: { [phase]: event.time } }] : [],
    firsts: claimsOf(at, firstsOf(event)),
    ids: claimsOf(at, event.providerIds),
    lasts: claimsOf(at, lastsOf(event)),
  }
}

/** Everything both sides know: commutative, associative and idempotent, whatever the events. */
export function mergeCalls(a: CallState, b: CallState): CallState {
  return {
    legs: mergeLegs(a.legs, b.legs),
    firsts: mergeClaims(a.firsts, b.firsts, 'first'),
    ids: mergeClaims(a.ids, b.ids, 'first'),
    lasts: mergeClaims(a.lasts, b.lasts, 'last'),
  }
}

/** The state without a phone number; the very same one if it never had it. */
export function forgetNumber(state: CallState, number: string): CallState {
  const firsts = unsay(state.firsts, number)
  return firsts === state.firsts ? state : { ...state, firsts }
}

/**
 * Whether an event comes after a higher phase was known, judged by the state before it. Facts never do. An event with
 * a phase does when its leg is above it; any other when its leg has ended, or the call, if no such leg is known.
 */
export function isLate(state: CallState | null, event: CallEvent): boolean {
  if (!state || facts.has(event.type) || isMadeUp(event)) return false
  const phase = phaseOf[event.type]
  const leg = state.legs.find(({ id }) => id === (phase ? legOf(event) : event.legId))
  if (phase) return leg !== undefined && phaseRank[phaseOfLeg(leg)] > phaseRank[phase]
  return (leg ? phaseOfLeg(leg) : phaseOfLegs(state.legs)) === 'ended'
}

/** Without legs the call is its own one: by its provider's id, so that two that turn out to be one stay two legs. */
function legOf({ legId, callId }: CallEvent): string {
  return legId ?? callId ?? ''
}

/** The name under which we say what no provider said. */
export const ourselves = 'switchhook'

function isMadeUp({ provider, details }: CallEvent): boolean {
  return provider === ourselves && details['synthetic'] === true
}

/** An end that nobody told says nothing of the call but that it was the last that was heard. */
function madeUpEnd(at: Stamp, { type, seq }: SequencedEvent): CallState {
  return { legs: [], firsts: [], ids: [], lasts: claimsOf(at, { type, seq, stale: true }) }
}

function firstsOf(event: SequencedEvent): Partial<Firsts> {
  const said: Partial<Firsts> = { provider: event.provider }
  if (event.direction !== null) said.direction = event.direction
  if (event.from !== null) said.from = event.from
  if (event.to !== null) said.to = event.to
  const cause = event.type === 'call.hangup' ? event.details.cause : null
  if (typeof cause === 'string' && cause !== '') said.cause = cause
  if (event.type === 'call.missed') said.missed = true
  return said
}

function lastsOf({ type, seq, agent, details }: SequencedEvent): Partial<Lasts> {
  const said: Partial<Lasts> = { type, seq }
  if (type === 'call.held' || type === 'call.resumed') said.held = type === 'call.held'
  if (agent) said.agent = { id: agent.id, email: agent.email, name: agent.name }
  const queue = queueOf(details)
  if (queue !== null) said.queue = queue
  return said
}

/** The queue that an event tells of; a name that is too long for one is none. */
export function queueOf({ queue }: Readonly<Record<string, unknown>>): string | null {
  return typeof queue === 'string' && queue.length <= 256 ? queue || null : null
}
