import {
  eventName,
  phaseOf,
  phaseRank,
  type EventFrame,
  type Phase,
} from '@switchhook/shared/events'
import type { CallRecord } from '@switchhook/shared/projections'

const phaseByName = new Map<string, Phase | undefined>(
  Object.entries(phaseOf).map(([type, phase]) => [eventName(type), phase]),
)

/** The times of a record that an event of a phase fills. */
const timeFields = {
  initiated: 'initiated_at',
  ringing: 'ringing_at',
  answered: 'answered_at',
} as const satisfies Partial<Record<Phase, keyof CallRecord>>

/** Whether an event ends a call, so that it makes sense without one before it. */
export function isEnding({ event }: EventFrame): boolean {
  return phaseByName.get(event) === 'ended'
}

/** The record after an event: the hub says the state in every frame, the rest is what the frame adds. */
export function recordAfter(before: CallRecord | undefined, frame: EventFrame): CallRecord {
  const { data, time, event, seq } = frame
  const record = before ?? blank(frame)
  const state = stateAfter(record, frame)
  const phase = phaseByName.get(event)
  return {
    ...record,
    ...state,
    direction: record.direction ?? data.direction,
    from: record.from ?? data.from,
    to: record.to ?? data.to,
    agent: data.agent ?? record.agent,
    ...(phase && phase in timeFields && earlier(record, phase as keyof typeof timeFields, time)),
    ended_at: state.phase === 'ended' ? endOf(record, phase, time) : null,
    last_event: time >= record.last_event.time ? { event, seq, time } : record.last_event,
  }
}

/** A late frame tells of the past: it never moves a phase back. */
function stateAfter(record: CallRecord, { data: { state }, late }: EventFrame) {
  const { phase, held, reason } = record
  if (!state || (late && phaseRank[state.phase] < phaseRank[phase])) return { phase, held, reason }
  return { phase: state.phase, held: state.held, reason: state.reason }
}

function earlier(record: CallRecord, phase: keyof typeof timeFields, time: string) {
  const field = timeFields[phase]
  const known = record[field]
  return { [field]: known !== null && known < time ? known : time }
}

/** The last leg's end is the call's. */
function endOf({ ended_at: known }: CallRecord, phase: Phase | undefined, time: string) {
  if (phase !== 'ended') return known
  return known !== null && known > time ? known : time
}

function blank({ call, data, event, seq, time }: EventFrame): CallRecord {
  return {
    id: call ?? '',
    phase: 'unknown',
    held: false,
    direction: null,
    from: null,
    to: null,
    provider: data.call?.provider ?? '',
    provider_ids: data.call?.provider_ids ?? {},
    agent: null,
    queue: null,
    legs: [],
    reason: null,
    initiated_at: null,
    ringing_at: null,
    answered_at: null,
    ended_at: null,
    last_event: { event, seq, time },
  }
}
