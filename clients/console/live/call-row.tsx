import { Component } from 'preact'
import { formatClock } from '../parts/time.ts'
import { hrefOf } from '../route.ts'
import { Cells } from './cells.tsx'
import { lookOf } from './look.ts'
import type { BoardCall } from './board.ts'
import type { CallRecord } from '@switchhook/shared/projections'

export interface CallRowProps {
  readonly call: BoardCall
  /** In the whole list, which is longer than what is rendered; 1 is the first call. */
  readonly index: number
  readonly selected: boolean
  readonly open: boolean
  readonly reachable: boolean
  readonly onSelect: (id: string) => void
}

/** One call. Hundreds of events a second touch few rows: the others are not rendered again. */
export class CallRow extends Component<CallRowProps> {
  override shouldComponentUpdate(next: CallRowProps): boolean {
    const { call, index, selected, open, reachable } = this.props
    return (
      next.call !== call ||
      next.index !== index ||
      next.selected !== selected ||
      next.open !== open ||
      next.reachable !== reachable
    )
  }

  override render({ call, index, selected, open, reachable, onSelect }: CallRowProps) {
    const { record, callerName } = call
    const look = lookOf(record)
    return (
      <div
        role="row"
        aria-rowindex={index + 1}
        class={`row ${look} ${record.phase === 'ended' ? 'over' : ''} ${open ? 'open' : ''}`}
      >
        <Cells
          record={record}
          callerName={callerName}
          href={hrefOf({ page: 'live', id: record.id })}
          selected={selected}
          reachable={reachable}
          onSelect={onSelect}
        >
          <span class="clock">{formatClock(record.last_event.time)}</span>
          {record.last_event.event}
          <span class="reason">{reasonOf(record)}</span>
        </Cells>
      </div>
    )
  }
}

/** Why it ended, unless the event's name says it. */
function reasonOf({ reason, last_event }: CallRecord): string {
  return reason === null || last_event.event.includes(reason) ? '' : reason
}
