import { queueOf } from '@switchhook/shared/projections'
import type { EventFrame } from '@switchhook/shared/events'
import type { CallRecord } from '@switchhook/shared/projections'

type Mutable = { -readonly [Field in keyof CallRecord]: CallRecord[Field] }

/** What is known of a call that nothing was heard of. */
const unknown: Omit<CallRecord, 'id' | 'last_event'> = {
  phase: 'unknown',
  held: false,
  direction: null,
  from: null,
  to: null,
  provider: '',
  provider_ids: {},
  agent: null,
  queue: null,
  legs: [],
  reason: null,
  initiated_at: null,
  ringing_at: null,
  answered_at: null,
  ended_at: null,
}

/** The record after an event about a call: the hub says the state in every frame, the rest is what the frame adds; no legs. */
export function recordAfter(before: CallRecord | undefined, frame: EventFrame): CallRecord {
  const { call, data, time, event, seq } = frame
  const last_event = { event, seq, time }
  const record: Mutable = { ...unknown, last_event, ...before, ...data.state, id: call! }
  // Of these the first word counts, of agent and queue the last.
  record.direction ??= data.direction
  record.from ??= data.from
  record.to ??= data.to
  // A time has the name of the event that fills it; it is that of the earliest one. Null is not before it.
  const field = event.replace(/^call-(.*)/, '$1_at') as 'ringing_at'
  if (field in unknown && !(record[field]! < time)) record[field] = time
  record.agent = data.agent ?? record.agent
  record.queue = queueOf(data.details) ?? record.queue
  record.provider ||= data.call!.provider
  record.provider_ids = { ...data.call!.provider_ids, ...record.provider_ids }
  if (time >= record.last_event.time) record.last_event = last_event
  return record
}
