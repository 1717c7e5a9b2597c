import { formatAddress } from '../parts/address.ts'
import { Badge } from '../parts/badge.tsx'
import { Arrow } from '../parts/shapes.tsx'
import { formatDuration, hubNow, useSeconds } from '../parts/time.ts'
import { lookOf } from './look.ts'
import type { ComponentChildren } from 'preact'
import type { Agent } from '@switchhook/shared/events'
import type { CallRecord } from '@switchhook/shared/projections'

interface CellsProps {
  readonly record: CallRecord
  readonly callerName: string | null
  /** Where the call is shown whole. */
  readonly href: string
  readonly selected: boolean
  readonly reachable: boolean
  readonly onSelect: (id: string) => void
  /** The last cell: what the list is in order of. */
  readonly children: ComponentChildren
}

/** A call as the cells of a row, in any list. */
export function Cells(props: CellsProps) {
  const { record, callerName, href, selected, reachable, onSelect, children } = props
  return (
    <>
      <div role="cell" class="state">
        <Badge look={lookOf(record)} />
      </div>
      <div role="cell" class="way">
        <Arrow direction={record.direction} />
      </div>
      <div role="cell" class="who">
        <a
          id={rowId(record.id)}
          href={href}
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
      <div role="cell" class="provider" title={record.provider}>
        {record.provider}
      </div>
      <div role="cell" class="time">
        <Duration record={record} />
      </div>
      <div role="cell" class="last">
        {children}
      </div>
    </>
  )
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

/** The name of an agent, as far as it is known. */
export function nameOf(agent: Agent | null): string {
  return agent?.name ?? agent?.email ?? agent?.id ?? ''
}
