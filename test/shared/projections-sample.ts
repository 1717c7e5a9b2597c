import { mergeCalls, recordOf, stateOf } from '@switchhook/shared/projections'
import type { CallRecord, CallState, SequencedEvent } from '@switchhook/shared/projections'

/** An event `second` seconds into the minute, which is also its number. */
export function event(
  type: SequencedEvent['type'],
  second: number,
  options: Partial<SequencedEvent> = {},
): SequencedEvent {
  return {
    id: `e${second}-${type}`,
    type,
    provider: 'telnyx',
    time: `2026-09-21T14:13:${String(second).padStart(2, '0')}.000Z`,
    order: 0,
    callId: 'c1',
    providerIds: { call_session_id: 'c1' },
    joins: [],
    legId: 'l1',
    direction: null,
    from: null,
    to: null,
    agent: null,
    details: {},
    rawType: type,
    seq: second,
    ...options,
  }
}

/** All that some events say of a call. */
export function merged(events: readonly SequencedEvent[]): CallState {
  return events.map(stateOf).reduce(mergeCalls)
}

/** The record of a call with these events. */
export function record(...events: readonly SequencedEvent[]): CallRecord {
  return recordOf(merged(events), 'c1')
}

/** Kept as text between two events, as a store keeps it. */
export function stored(state: CallState): CallState {
  return JSON.parse(JSON.stringify(state)) as CallState
}

/** Every order of some items. */
export function* permutations<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield []
  for (const [index, first] of items.entries()) {
    for (const rest of permutations(items.toSpliced(index, 1))) yield [first, ...rest]
  }
}

export const agent = (name: string) => ({ id: name, email: `${name}@example.test`, name })
export const cause = (word: string) => ({ details: { cause: word } })
const inbound = { direction: 'inbound', from: '+12025550133', to: '+12025550131' } as const

/** An inbound call, answered, held for a while and recorded. */
export const wholeCall = [
  event('call.initiated', 1, inbound),
  event('call.ringing', 2),
  event('call.answered', 3, { agent: agent('ada') }),
  event('call.held', 4),
  event('call.resumed', 5),
  event('call.hangup', 6, cause('normal_clearing')),
  event('call.recording.saved', 7),
]
