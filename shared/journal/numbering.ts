import { isLate, mergeCalls, recordOf, stateOf, type CallState } from '../projections/index.ts'
import type { CallEvent, EventData } from '../events/index.ts'
import type { JournalRow, NewDelivery } from './contract.ts'

/** What is known of a call. */
export interface KnownCall {
  /** Null: nothing is, it begins here. */
  readonly state: CallState | null
  readonly firstSeq: number
}

export const unknownCall: KnownCall = { state: null, firstSeq: 0 }

/** Deliveries of one app with the numbers of their events, and the calls as they are afterwards. */
export interface Numbered {
  readonly app: string
  /** The app's last number before and after them. */
  readonly before: number
  readonly head: number
  /** The rows of each delivery by its id. */
  readonly rows: ReadonlyMap<string, readonly JournalRow[]>
  readonly calls: ReadonlyMap<string, KnownCall>
}

interface Start {
  readonly app: string
  /** The last number taken. */
  readonly after: number
  /** What is known of each of `callIdsOf(deliveries)`. */
  readonly known: ReadonlyMap<string, KnownCall>
}

/** The ids of the calls that these deliveries are about. */
export function callIdsOf(deliveries: readonly NewDelivery[]): Set<string> {
  const ids = deliveries.flatMap(({ events }) => events.map(({ callId }) => callId))
  return new Set(ids.filter((id) => id !== null))
}

/** How many events these deliveries have. */
export function countOf(deliveries: readonly NewDelivery[]): number {
  return deliveries.reduce((sum, { events }) => sum + events.length, 0)
}

/** Numbers the events in the order of the batch. */
export function number(deliveries: readonly NewDelivery[], { app, after, known }: Start): Numbered {
  const calls = new Map(known)
  let seq = after
  const rows = new Map(
    deliveries.map(({ id, events }): [string, JournalRow[]] => [
      id,
      events.map((event) => numberEvent({ event, delivery: id, seq: ++seq, calls })),
    ]),
  )
  return { app, before: after, head: seq, rows, calls }
}

interface Numbering {
  readonly event: CallEvent
  readonly delivery: string
  readonly seq: number
  readonly calls: Map<string, KnownCall>
}

/** Merges the event into its call and writes down what the record is after it. */
function numberEvent({ event, delivery, seq, calls }: Numbering): JournalRow {
  const before = event.callId === null ? undefined : calls.get(event.callId)
  const late = before !== undefined && isLate(before.state, event)
  let state: CallState | null = null
  if (before) {
    const arrived = stateOf({ ...event, seq })
    state = before.state ? mergeCalls(before.state, arrived) : arrived
    calls.set(event.callId!, { state, firstSeq: before.firstSeq || seq })
  }
  const data = JSON.stringify(dataOf(event, delivery, state))
  return { seq, id: event.id, type: event.type, time: event.time, call: event.callId, late, data }
}

function dataOf(event: CallEvent, delivery: string, state: CallState | null): EventData {
  const record = state && recordOf(state)
  return {
    call: record && {
      id: record.id,
      provider: record.provider,
      provider_ids: { ...event.providerIds },
    },
    leg_id: event.legId,
    direction: event.direction,
    from: event.from,
    to: event.to,
    agent: event.agent,
    state: record && { phase: record.phase, held: record.held, reason: record.reason },
    details: event.details,
    raw_type: event.rawType,
    raw_ref: delivery,
  }
}
