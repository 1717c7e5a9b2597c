import { Cells } from '../live/cells.tsx'
import { lookOf } from '../live/look.ts'
import { formatMoment } from '../parts/time.ts'
import { hrefOf } from '../route.ts'
import type { CallRecord } from '@switchhook/shared/projections'

export interface RowProps {
  readonly record: CallRecord
  /** In the whole list; 1 is the first call. */
  readonly index: number
  readonly query: URLSearchParams
  readonly selected: boolean
  readonly reachable: boolean
  readonly onSelect: (id: string) => void
}

/** One call of the list; the link keeps the filters, for the way back. */
export function Row({ record, index, query, selected, reachable, onSelect }: RowProps) {
  const look = lookOf(record)
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      class={`row ${look} ${record.phase === 'ended' ? 'over' : ''}`}
    >
      <Cells
        record={record}
        callerName={null}
        href={hrefOf({ page: 'calls', id: record.id, query })}
        selected={selected}
        reachable={reachable}
        onSelect={onSelect}
      >
        <time dateTime={beganAt(record)}>{formatMoment(beganAt(record))}</time>
        <span class="reason">{record.reason === look ? '' : record.reason}</span>
      </Cells>
    </div>
  )
}

/** When a call began, as far as somebody said. */
export function beganAt(record: CallRecord): string {
  const { initiated_at, ringing_at, answered_at, last_event } = record
  return initiated_at ?? ringing_at ?? answered_at ?? last_event.time
}
