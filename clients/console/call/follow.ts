import { useEffect } from 'preact/hooks'
import { useAnswer, type Answer } from '../api/answer.ts'
import { recordAfter } from '../live/record.ts'
import type { EventFrame } from '@switchhook/shared/events'
import type { CallRecord } from '@switchhook/shared/projections'
import type { Credential } from '../api/credential.ts'
import type { Store } from '../store.ts'

/** A call as `GET /api/calls/:id` tells it. */
export interface WholeCall extends CallRecord {
  readonly timeline: readonly EventFrame[]
  /** There are more events than these. */
  readonly timeline_truncated: boolean
}

/** After an event the whole record is asked for when so long nothing else happened: frames tell less than it. */
const restMs = 1_500

interface Following {
  readonly credential: Credential
  readonly id: string
  readonly store: Store | null
}

/** The call, with the events that the socket brought since it was loaded. */
export function useCall({ credential, id, store }: Following): Answer<WholeCall> {
  const answer = useAnswer<WholeCall>(credential, `api/calls/${encodeURIComponent(id)}`)
  const { value, reload } = answer
  const told = value && store ? store.board.eventsOf(value.id) : []
  const known = value?.timeline.at(-1)?.seq ?? 0
  const newest = told[0]?.seq ?? 0
  useEffect(() => {
    if (value === null || newest <= known) return undefined
    const timer = setTimeout(reload, restMs)
    return () => clearTimeout(timer)
  }, [newest, known])
  // After a hole nobody knows what happened in it.
  useEffect(() => store?.connection.on('resync', reload), [store])
  return { ...answer, value: value && withEvents(value, told) }
}

/** The call after these events, newest first; those it has already are told in the words of the socket. */
function withEvents(call: WholeCall, told: readonly EventFrame[]): WholeCall {
  const timeline = new Map(call.timeline.map((frame) => [frame.seq, frame]))
  const last = call.timeline.at(-1)?.seq ?? 0
  let record: CallRecord = call
  for (const frame of told.toReversed()) {
    // Older ones were left out for there are too many.
    if (frame.seq <= last && !timeline.has(frame.seq)) continue
    timeline.set(frame.seq, frame)
    if (frame.seq > last && frame.data.state !== null) record = recordAfter(record, frame)
  }
  return { ...call, ...record, timeline: [...timeline.values()] }
}
