import type { EventData } from '../../events/index.ts'

/** Whether a value of the event is the number. */
export function isIn(data: string, number: string): boolean {
  // Most events are sorted out by their text.
  return data.includes(JSON.stringify(number)) && holds(JSON.parse(data), number)
}

function holds(value: unknown, number: string): boolean {
  if (typeof value !== 'object' || value === null) return value === number
  return Object.values(value).some((each) => holds(each, number))
}

/** What stays of an event: that it happened, to which call, and where that had got to. */
export function tombstoneOf({ call, leg_id, direction, state, raw_type, raw_ref }: EventData) {
  const nothing = { from: null, to: null, agent: null, details: {} }
  const data: EventData = {
    call,
    leg_id,
    direction,
    ...nothing,
    state,
    raw_type,
    raw_ref,
    purged: true,
  }
  return data
}
