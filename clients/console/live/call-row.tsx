import { Component } from 'preact'
import { formatAddress } from '../parts/address.ts'
import { Badge } from '../parts/badge.tsx'
import { Arrow } from '../parts/shapes.tsx'
import { formatClock, formatDuration, hubNow, useSeconds } from '../parts/time.ts'
import { hrefOf } from '../route.ts'
import { lookOf } from './look.ts'
import type { BoardCall } from './board.ts'
import type { Agent } from '@switchhook/shared/events'
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
        <div role="cell" class="state">
          <Badge look={look} />
        </div>
        <div role="cell" class="way">
          <Arrow direction={record.direction} />
        </div>
        <div role="cell" class="who">
          <a
            id={rowId(record.id)}
            href={hrefOf({ page: 'live', id: record.id })}
            tabIndex={reachable ? 0 : -1}
            aria-current={selected ? true : undefined}
            onFocus={() => onSelect(record.id)}
          >
            <Parties record={record} callerName={callerName} />
          </a>
        </div>
        <div role="cell" class="agent">
          {nameOf(record.agent)}
        </div>
        <div role="cell" class="provider">
          {record.provider}
        </div>
        <div role="cell" class="time">
          <Duration record={record} />
        </div>
        <div role="cell" class="last">
          <span class="clock">{formatClock(record.last_event.time)}</span>
          {record.last_event.event}
          <span class="reason">{reasonOf(record)}</span>
        </div>
      </div>
    )
  }
}

/** The id of a row's link in the document. */
export function rowId(call: string): string {
  return `call-${call}`
}

/** From whom to whom; the one outside is the one people look for. */
export function Parties({ record, callerName }: { record: CallRecord; callerName: string | null }) {
  const { from, to, direction } = record
  const outbound = direction === 'outbound'
  return (
    <>
      <span class={outbound ? 'own' : 'other'}>{formatAddress(from)}</span>
      <span class="to" role="img" aria-label="to">
        →
      </span>
      <span class={outbound ? 'other' : 'own'}>{formatAddress(to)}</span>
      {callerName !== null && <span class="name">{callerName}</span>}
    </>
  )
}

/** How long: since the answer, or since it began when there was none. It stops with the call. */
export function Duration({ record }: { record: CallRecord }) {
  useSeconds()
  const { answered_at, ringing_at, initiated_at, ended_at, phase } = record
  const start = answered_at ?? initiated_at ?? ringing_at
  if (start === null) return <>–</>
  if (phase === 'ended' && ended_at === null) return <>–</>
  const end = phase === 'ended' ? Date.parse(ended_at!) : hubNow()
  return <>{formatDuration(end - Date.parse(start))}</>
}

/** Why it ended, unless the event's name says it. */
function reasonOf({ reason, last_event }: CallRecord): string {
  return reason === null || last_event.event.includes(reason) ? '' : reason
}

/** The name of an agent, as far as it is known. */
export function nameOf(agent: Agent | null): string {
  return agent?.name ?? agent?.email ?? agent?.id ?? ''
}
