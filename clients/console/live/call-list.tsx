import { useRef } from 'preact/hooks'
import { focusRow, useWindow } from '../parts/window.ts'
import { CallRow } from './call-row.tsx'
import { rowId } from './cells.tsx'
import type { BoardCall } from './board.ts'

interface CallListProps {
  readonly calls: readonly BoardCall[]
  readonly waiting: number
  readonly selected: string | null
  readonly open: string | null
  readonly hold: () => void
  readonly onSelect: (id: string) => void
}

const columns = [
  ['state', 'State'],
  ['way', <span class="unseen">Direction</span>],
  ['who', <Who />],
  ['agent', 'Agent'],
  ['provider', 'Provider'],
  ['time', 'For'],
  ['last', 'Last event'],
] as const

/** The heads over the parts of a row's link. */
function Who() {
  return (
    <span>
      <span>From</span>
      <span />
      <span>To</span>
      <span class="name">Caller</span>
    </span>
  )
}

/** The calls as a table of which only the rows on screen exist. */
export function CallList({ calls, waiting, selected, open, hold, onSelect }: CallListProps) {
  const body = useRef<HTMLDivElement>(null)
  const { first, last, before, after } = useWindow(body, calls.length)
  const reachable = calls.some(({ record }) => record.id === selected)
    ? selected
    : (calls[first]?.record.id ?? null)
  return (
    <div class="list" role="table" aria-label="Calls" aria-rowcount={calls.length + 1}>
      <div role="rowgroup" class="columns">
        <div role="row" aria-rowindex={1} class="row">
          {columns.map(([name, title]) => (
            <div key={name} role="columnheader" class={name}>
              {title}
            </div>
          ))}
        </div>
        {waiting > 0 && (
          <p class="waiting" role="presentation">
            {waiting} more: the list holds still while you point
          </p>
        )}
      </div>
      <div
        ref={body}
        role="rowgroup"
        class="rows"
        style={{ paddingTop: `${before}px`, paddingBottom: `${after}px` }}
        onPointerMove={hold}
        onPointerDown={hold}
      >
        {calls.slice(first, last).map((call, index) => (
          <CallRow
            key={call.record.id}
            call={call}
            index={first + index + 1}
            selected={call.record.id === selected}
            open={call.record.id === open}
            reachable={call.record.id === reachable}
            onSelect={onSelect}
          />
        ))}
      </div>
    </div>
  )
}

/** Brings a call's row into view and puts the focus on it. */
export function focusCall(calls: readonly BoardCall[], id: string): void {
  const index = calls.findIndex(({ record }) => record.id === id)
  focusRow(rowId(id), index, calls.length)
}
