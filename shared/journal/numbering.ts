import { isRemark } from '../events/index.ts'
import { isLate, mergeCalls, recordOf, stateOf, type CallRecord } from '../projections/index.ts'
import {
  Book,
  idsOf,
  later,
  sameMissed,
  type KnownCalls,
  type Missed,
  type Subject,
} from './book.ts'
import { voicemailIdOf } from './voicemails/id.ts'
import type { CallEvent, EventData } from '../events/index.ts'
import type { JournalRow, NewDelivery } from './contract.ts'

/** Where an app's journal stands. */
export interface Place {
  /** The last number taken. */
  readonly head: number
  /** How often records changed without an event. */
  readonly revision: number
}

/** Deliveries of one app with the numbers of their events, and the calls as they are afterwards. */
export interface Numbered {
  readonly app: string
  /** The app's place before and after them. */
  readonly before: Place
  readonly after: Place
  /** The rows of each delivery by its id. */
  readonly rows: ReadonlyMap<string, readonly JournalRow[]>
  readonly book: Book
  /** Calls that were or are missed where that has changed: a voicemail may belong to them. */
  readonly missed: readonly Missed[]
}

interface Start {
  readonly app: string
  readonly before: Place
  /** What is known of each of `callIdsOf(deliveries)`. */
  readonly known: KnownCalls
}

/** The ids of the calls that these deliveries are about. */
export function callIdsOf(deliveries: readonly NewDelivery[]): Set<string> {
  return new Set(deliveries.flatMap(({ events }) => events.flatMap(idsOf)))
}

/** How many events these deliveries have. */
export function countOf(deliveries: readonly NewDelivery[]): number {
  return deliveries.reduce((sum, { events }) => sum + events.length, 0)
}

/** Numbers the events in the order of the batch. */
export function number(
  deliveries: readonly NewDelivery[],
  { app, before, known }: Start,
): Numbered {
  const book = new Book(known)
  let seq = before.head
  const rows = new Map(
    deliveries.map((delivery): [string, JournalRow[]] => [
      delivery.id,
      delivery.events.map((event) => {
        const numbered = isRemark(event.type) ? numberRemark : numberEvent
        return numbered({ event, delivery, seq: ++seq, book })
      }),
    ]),
  )
  const missed = [...book.wereMissed]
  for (const [id, call] of book.calls) {
    if (call.missed && !sameMissed(call.missed, known.calls.get(id)?.missed ?? null)) {
      missed.push(call.missed)
    }
  }
  return { app, before, after: { ...before, head: seq }, rows, book, missed }
}

interface Numbering {
  readonly event: CallEvent
  readonly delivery: NewDelivery
  readonly seq: number
  readonly book: Book
}

/** Merges the event into its call and writes down what the record is after it. */
function numberEvent({ event, delivery, seq, book }: Numbering): JournalRow {
  const subject = book.subjectOf(event)
  const before = subject?.before ?? null
  const late = before !== null && isLate(before.state, event)
  let record: CallRecord | null = null
  if (subject) {
    const arrived = stateOf({ ...event, seq })
    const state = before ? mergeCalls(before.state, arrived) : arrived
    record = recordOf(state, subject.id)
    book.put(subject.id, {
      state,
      firstSeq: before?.firstSeq ?? seq,
      touchedAt: later(before?.touchedAt ?? null, delivery.receivedAt),
      live: record.phase !== 'ended',
      missed: missedOf(record),
    })
  }
  const data = JSON.stringify(dataOf(event, delivery.id, { record, subject }))
  const { id, type, time } = event
  return { seq, id, type, time, call: subject?.id ?? null, late, data }
}

/** A remark goes to its call, if there is one, and leaves the record as it is. */
function numberRemark({ event, delivery, seq, book }: Numbering): JournalRow {
  const { id, type, time, callId } = event
  const subject = callId === null ? null : book.lookUp(callId)
  const record = subject?.known ? recordOf(subject.known.state, subject.id) : null
  const data = { ...dataOf(event, delivery.id, { record, subject: null }), state: null }
  const call = subject?.id ?? null
  return { seq, id, type, time, call, late: false, data: JSON.stringify(data) }
}

/** Whoever rang here in vain may have left a voicemail, whatever the provider calls the end. */
export function missedOf(record: CallRecord): Missed | null {
  const { phase, direction, answered_at, reason, from, to, ended_at: at } = record
  const inVain = phase === 'ended' && direction === 'inbound' && answered_at === null
  if (!inVain || reason === 'stale' || from === null || to === null || at === null) return null
  return { from, to, at }
}

interface About {
  readonly record: CallRecord | null
  readonly subject: Subject | null
}

function dataOf(event: CallEvent, delivery: string, { record, subject }: About): EventData {
  const merged = subject?.merged ?? []
  const voicemail = voicemailIdOf(event)
  return {
    call: record && {
      id: record.id,
      provider: record.provider,
      provider_ids: { ...event.providerIds },
      ...(merged.length > 0 && { merged: [...merged] }),
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
    ...(voicemail !== null && { voicemail }),
  }
}
