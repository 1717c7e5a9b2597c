import { Duration, nameOf, Parties, rowId } from '../live/call-row.tsx'
import { lookOf } from '../live/look.ts'
import { Badge } from '../parts/badge.tsx'
import { Arrow } from '../parts/shapes.tsx'
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
      <div role="cell" class="state">
        <Badge look={look} />
      </div>
      <div role="cell" class="way">
        <Arrow direction={record.direction} />
      </div>
      <div role="cell" class="who">
        <a
          id={rowId(record.id)}
          href={hrefOf({ page: 'calls', id: record.id, query })}
          tabIndex={reachable ? 0 : -1}
          aria-current={selected ? true : undefined}
          onFocus={() => onSelect(record.id)}
        >
          <Parties record={record} callerName={null} />
        </a>
      </div>
      <div role="cell" class="agent">
        {nameOf(record.agent)}
      </div>
      <div role="cell" class="provider" title={record.provider}>
        {record.provider}
      </div>
      <div role="cell" class="time">
        <Duration record={record} />
      </div>
      <div role="cell" class="last">
        <time dateTime={beganAt(record)}>{formatMoment(beganAt(record))}</time>
        <span class="reason">{record.reason === look ? '' : record.reason}</span>
      </div>
    </div>
  )
}

/** When a call began, as far as somebody said. */
export function beganAt(record: CallRecord): string {
  const { initiated_at, ringing_at, answered_at, last_event } = record
  return initiated_at ?? ringing_at ?? answered_at ?? last_event.time
}
