import { useRef } from 'preact/hooks'
import { useWindow } from '../parts/window.ts'
import { Row } from './row.tsx'
import type { CallRecord } from '@switchhook/shared/projections'

interface TableProps {
  readonly records: readonly CallRecord[]
  readonly query: URLSearchParams
  readonly selected: string | null
  readonly busy: boolean
  readonly onSelect: (id: string) => void
}

const columns = [
  ['state', 'State'],
  ['way', <span class="unseen">Direction</span>],
  [
    'who',
    <span>
      <span>From</span>
      <span />
      <span>To</span>
    </span>,
  ],
  ['agent', 'Agent'],
  ['provider', 'Provider'],
  ['time', 'For'],
  ['last', 'Began'],
] as const

/** The calls that were found, as a table of which only the rows on screen exist. */
export function Table({ records, query, selected, busy, onSelect }: TableProps) {
  const body = useRef<HTMLDivElement>(null)
  const { first, last, before, after } = useWindow(body, records.length)
  const reachable = records.some(({ id }) => id === selected) ? selected : records[first]?.id
  return (
    <div
      class="list"
      role="table"
      aria-label="Calls"
      aria-busy={busy}
      aria-rowcount={records.length + 1}
    >
      <div role="rowgroup" class="columns">
        <div role="row" aria-rowindex={1} class="row">
          {columns.map(([name, title]) => (
            <div key={name} role="columnheader" class={name}>
              {title}
            </div>
          ))}
        </div>
      </div>
      <div
        ref={body}
        role="rowgroup"
        class="rows"
        style={{ paddingTop: `${before}px`, paddingBottom: `${after}px` }}
      >
        {records.slice(first, last).map((record, index) => (
          <Row
            key={record.id}
            index={first + index + 1}
            selected={record.id === selected}
            reachable={record.id === reachable}
            {...{ record, query, onSelect }}
          />
        ))}
      </div>
    </div>
  )
}
