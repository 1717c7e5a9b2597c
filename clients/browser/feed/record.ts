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
  legs: [],
  reason: null,
  initiated_at: null,
  ringing_at: null,
  answered_at: null,
  ended_at: null,
}

/** Of these the first word counts. */
const firsts = ['direction', 'from', 'to'] as const
/** The times that an event fills, each by the name of its event. */
const phases = ['initiated', 'ringing', 'answered'] as const

/** The record after an event: the hub says the state in every frame, the rest is what the frame adds; no legs. */
export function recordAfter(before: CallRecord | undefined, frame: EventFrame): CallRecord {
  const { call, data, time, event, seq } = frame
  const last_event = { event, seq, time }
  const record: Mutable = { ...unknown, last_event, ...before, ...data.state, id: call ?? '' }
  for (const field of firsts) Object.assign(record, { [field]: record[field] ?? data[field] })
  for (const phase of phases)
    if (event === `call-${phase}`) record[`${phase}_at`] = earlier(record[`${phase}_at`], time)
  Object.assign(record, data.agent && { agent: data.agent })
  record.provider ||= data.call?.provider ?? ''
  record.provider_ids = { ...data.call?.provider_ids, ...record.provider_ids }
  if (time >= record.last_event.time) record.last_event = last_event
  return record
}

const earlier = (known: string | null, time: string): string =>
  known && known < time ? known : time
